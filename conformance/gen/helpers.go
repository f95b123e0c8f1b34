package gen

import "fmt"

// NewHelpers draws a scenario in which helpers of connection tracking read what
// is said, with and without NAT.
func NewHelpers(seed uint64) *Scenario {
	r := source{Rand: newRand(seed)}
	s := &Scenario{Host: host + settings(r), Comment: fmt.Sprintf("Found by the differential test of helpers with seed %d.", seed)}
	family := pick(r, "ip", "ip", "ip", "ip6")
	t := Table{Family: family, Name: "h"}
	set := Chain{Name: "assign", Head: fmt.Sprintf("type filter hook %s priority %s", pick(r, "prerouting", "prerouting", "forward"), pick(r, "-150", "0", "-101"))}
	have := map[string]bool{}
	for _, k := range scripts {
		if have[k.helper] || family == "ip6" && !k.six {
			continue
		}
		have[k.helper] = true
		proto := "tcp"
		if k.udp {
			proto = "udp"
		}
		t.Sets = append(t.Sets, fmt.Sprintf("ct helper %s {\ntype %q protocol %s;\n}", "h-"+k.helper, k.helper, proto))
		set.Rules = append(set.Rules, fmt.Sprintf("%s dport %d ct helper set \"h-%s\"", proto, k.port, k.helper))
	}
	t.Chains = append(t.Chains, set, Chain{Name: "watch", Head: "type filter hook forward priority 0", Rules: watching(r)})
	if r.chance(70) {
		t.Chains = append(t.Chains, translating(r, family)...)
	}
	s.Tables = append(s.Tables, t)
	if r.chance(30) {
		s.Tables = append(s.Tables, newTable(r, pick(r, family, "inet"), "t1"))
		s.Tables[1].Chains = withoutNAT(s.Tables[1].Chains)
	}
	return s
}

// watching draws rules that look at connections and those that they announced.
func watching(r source) []string {
	all := []string{"ct state related counter", "ct state new counter", "ct state invalid counter", "ct status expected counter", `ct helper "ftp" counter`,
		`ct helper "sip" counter`, "ct mark 7 counter", "tcp dport 21 ct mark set 7", "ct state established,related counter accept", "ct status snat counter",
		"ct state related ct mark set 9", "ct direction reply counter", "ct state invalid counter drop", "ct status 0x40 counter"}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:3+r.IntN(6)]
}

// translating draws NAT that never has to choose a port at random.
func translating(r source, family string) []Chain {
	to, server, at := "10.0.2.100", "10.0.2.2", "10.9.9.9"
	if family == "ip6" {
		to, server, at = "fd02::100", "fd02::2", "fd09::9"
	}
	var out []Chain
	if r.chance(75) {
		rule := pick(r, "snat to "+to, "snat to "+to, "masquerade")
		out = append(out, Chain{Name: "out", Head: "type nat hook postrouting priority 100", Rules: []string{`oifname "tb" ` + rule}})
	}
	if r.chance(50) {
		out = append(out, Chain{Name: "in", Head: "type nat hook prerouting priority -100", Rules: []string{fmt.Sprintf(`iifname "ta" %s daddr %s dnat to %s`, family, at, server)}})
	}
	return out
}

// withoutNAT leaves out the chains that translate.
func withoutNAT(chains []Chain) (out []Chain) {
	for _, c := range chains {
		if len(c.Head) < 8 || c.Head[:8] != "type nat" {
			out = append(out, c)
		}
	}
	return out
}
