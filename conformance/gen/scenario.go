package gen

import (
	"fmt"
	"strings"
)

// Scenario is a case in parts that shrinking can take away.
type Scenario struct {
	Comment string
	Host    string
	Tables  []Table
	Saved   bool // the tables are those of iptables
	Steps   []string
}

// host is a router that never tires of sending errors and knows a way to every
// host of the pools, so that the number of errors does not depend on how fast a
// run is.
const host = `router6
route 10.9.9.0/24 via 10.0.2.9
route fd09::/64 via fd02::9
sysctl net.ipv4.icmp_ratelimit=0
sysctl net.ipv4.icmp_msgs_per_sec=1000000
sysctl net.ipv4.icmp_msgs_burst=1000000
sysctl net.ipv6.icmp.ratelimit=0
sysctl net.ipv4.conf.all.send_redirects=0
sysctl net.ipv4.conf.ta.send_redirects=0
sysctl net.ipv4.conf.tb.send_redirects=0`

// New draws the ruleset of a scenario; its steps come from a Traffic.
func New(seed uint64) *Scenario {
	s := draw(source{Rand: newRand(seed)})
	s.Comment = fmt.Sprintf("Found by the differential test with seed %d.", seed)
	return s
}

func draw(r source) *Scenario {
	s := &Scenario{Host: host}
	families := []string{"ip", "ip", "inet", "inet", "ip6"}
	for i := range 1 + r.IntN(2) {
		s.Tables = append(s.Tables, newTable(r, pick(r, families...), fmt.Sprintf("t%d", i)))
	}
	if !r.long && r.chance(12) {
		s.Tables = append(s.Tables, newDeviceTable(r, "dev"))
	}
	s.Host += settings(r)
	if r.chance(10) {
		s.Host += "\nlink tb mtu 1280"
	}
	return s
}

// Rules is the text of the ruleset in nft's language.
func (s *Scenario) Rules() string {
	var b strings.Builder
	for i := range s.Tables {
		b.WriteString(s.Tables[i].Text())
	}
	return b.String()
}

// Archive is the scenario as the text of a case file.
func (s *Scenario) Archive() []byte {
	rules := "-- rules.nft --\n" + s.Rules()
	if s.Saved {
		rules = "-- rules.iptables --\n" + savedText(s.Tables, "ip") + "-- rules.ip6tables --\n" + savedText(s.Tables, "ip6")
	}
	return []byte(s.Comment + "\n-- host --\n" + s.Host + "\n" + rules +
		"-- packets --\n" + strings.Join(s.Steps, "\n") + "\n-- mask --\nport 0-65535\ndrawn 8000-8003\n")
}

// DropLine takes away what stands at a line (from 1) of Rules, where nft found
// an error; it reports whether that was possible.
func (s *Scenario) DropLine(line int) bool {
	n := 0
	for t := range s.Tables {
		n++ // table
		for i, set := range s.Tables[t].Sets {
			size := strings.Count(set, "\n") + 1
			if line > n && line <= n+size {
				s.Tables[t].Sets = without(s.Tables[t].Sets, i, 1)
				return true
			}
			n += size
		}
		for c := range s.Tables[t].Chains {
			chain := &s.Tables[t].Chains[c]
			n++ // chain
			if chain.Head != "" {
				n++
			}
			if i := line - n - 1; i >= 0 && i < len(chain.Rules) {
				chain.Rules = without(chain.Rules, i, 1)
				return true
			}
			n += len(chain.Rules) + 1
		}
		n++
	}
	return false
}

// without copies a list but for n items at i.
func without[T any](list []T, i, n int) []T {
	out := append([]T{}, list[:i]...)
	return append(out, list[min(i+n, len(list)):]...)
}

func (s *Scenario) clone() *Scenario {
	c := *s
	c.Tables = append([]Table{}, s.Tables...)
	for i := range c.Tables {
		c.Tables[i].Chains = append([]Chain{}, c.Tables[i].Chains...)
	}
	return &c
}
