package gen

import (
	"fmt"
	"strings"
)

// NewSwitch draws a scenario of a bridge with three ports and of chains on the
// hooks of bridge, netdev, arp and, from within the bridge, IP.
func NewSwitch(seed uint64) *Scenario {
	r := source{Rand: newRand(seed)}
	s := &Scenario{Comment: fmt.Sprintf("Found by the differential test of frames with seed %d.", seed)}
	s.Host = "switch\naddr fd05::1/64 dev br0\n" + strings.Join(stationNeighbours(), "\n") + switchSettings(r)
	for i := range 1 + r.IntN(3) {
		s.Tables = append(s.Tables, newFrameTable(r, pick(r, "bridge", "bridge", "bridge", "netdev", "arp", "inet", "ip", "ip6"), fmt.Sprintf("t%d", i)))
	}
	return s
}

// A station is a host behind a port of the bridge.
type station struct{ port, mac, ip, ip6 string }

// stations; the bridge does not know where the last is before it speaks.
var stations = []station{
	{"pa", "02:00:00:00:00:01", "10.5.0.2", "fd05::2"},
	{"pb", "02:00:00:00:00:02", "10.5.0.3", "fd05::3"},
	{"pc", "02:00:00:00:00:03", "10.5.0.4", "fd05::4"},
	{"pb", "02:00:00:00:00:04", "10.5.0.9", "fd05::9"},
}

// bridgeAddress is the host itself.
var bridgeAddress = station{"", "02:00:00:00:00:99", "10.5.0.1", "fd05::1"}

func stationNeighbours() []string {
	var out []string
	for _, s := range stations {
		out = append(out, fmt.Sprintf("neigh %s lladdr %s dev br0", s.ip, s.mac), fmt.Sprintf("neigh %s lladdr %s dev br0", s.ip6, s.mac))
	}
	return out
}

// switchSettings draws what a bridge can be told.
func switchSettings(r source) string {
	var b strings.Builder
	for _, s := range []string{"bridge-nf-call-iptables=0", "bridge-nf-call-ip6tables=0", "bridge-nf-filter-vlan-tagged=1", "bridge-nf-call-arptables=0"} {
		if r.chance(20) {
			b.WriteString("\nsysctl net.bridge." + s)
		}
	}
	if r.chance(40) {
		b.WriteString("\nsysctl net.ipv4.ip_forward=1\nsysctl net.ipv6.conf.all.forwarding=1")
	}
	b.WriteString("\nsysctl net.ipv4.conf.all.send_redirects=0\nsysctl net.ipv4.conf.br0.send_redirects=0" +
		"\nsysctl net.ipv4.icmp_ratelimit=0\nsysctl net.ipv4.icmp_msgs_per_sec=1000000\nsysctl net.ipv4.icmp_msgs_burst=1000000\nsysctl net.ipv6.icmp.ratelimit=0")
	return b.String()
}

// framePlaces are the hooks of a family, and priorities that matter there.
var framePlaces = map[string]struct{ hooks, priorities []string }{
	"bridge": {[]string{"prerouting", "prerouting", "forward", "forward", "input", "output", "postrouting"}, []string{"0", "-1", "1", "-300", "300", "-200"}},
	"netdev": {[]string{"ingress", "ingress", "egress"}, []string{"0", "-5", "5"}},
	"arp":    {[]string{"input", "output"}, []string{"0", "1"}},
	"ip":     {[]string{"prerouting", "forward", "forward", "input", "postrouting", "output"}, []string{"0", "-300", "-150", "150"}},
	"ip6":    {[]string{"prerouting", "forward", "forward", "input", "postrouting", "output"}, []string{"0", "-300", "-150", "150"}},
	"inet":   {[]string{"prerouting", "forward", "forward", "input", "postrouting", "output"}, []string{"0", "-300", "-150", "150"}},
}

func newFrameTable(r source, family, name string) Table {
	t := Table{Family: family, Name: name, Sets: []string{
		"set m { type ether_addr; flags dynamic; size 16; }",
		"set k { type ether_addr; elements = { 02:00:00:00:00:01, 02:00:00:00:00:99, ff:ff:ff:ff:ff:ff } }",
	}}
	var jumps []string
	for i := range r.IntN(3) {
		p := &framePlace{family: family, jumps: jumps}
		jumps = append(jumps, fmt.Sprintf("j%d", i))
		t.Chains = append(t.Chains, Chain{Name: jumps[i], Rules: p.rules(r)})
	}
	for i := range 1 + r.IntN(4) {
		known := framePlaces[family]
		p := &framePlace{family: family, hook: pick(r, known.hooks...), jumps: jumps}
		head := fmt.Sprintf("type filter hook %s priority %s", p.hook, pick(r, known.priorities...))
		if family == "netdev" {
			head = fmt.Sprintf("type filter hook %s device %s priority %s", p.hook, pick(r, `"pa"`, `"pa"`, `"pb"`, `"br0"`), pick(r, known.priorities...))
		}
		if r.chance(12) && (p.hook == "forward" || p.hook == "ingress") {
			head += "; policy drop"
		}
		t.Chains = append(t.Chains, Chain{Name: fmt.Sprintf("c%d", i), Head: head, Rules: p.rules(r)})
	}
	if p := (&framePlace{family: family, hook: "nat"}); p.ofIP() && r.chance(50) {
		t.Chains = append(t.Chains, Chain{Name: "n", Head: "type nat hook prerouting priority -100", Rules: p.rules(r)})
	}
	return t
}

// newDeviceTable draws a table of netdev on the links of a router.
func newDeviceTable(r source, name string) Table {
	t := Table{Family: "netdev", Name: name}
	for i := range 1 + r.IntN(2) {
		p := &framePlace{family: "netdev", hook: pick(r, "ingress", "egress"), tun: true}
		head := fmt.Sprintf("type filter hook %s device %s priority %s", p.hook, pick(r, `"ta"`, `"tb"`, `"lo"`), pick(r, "0", "-5", "5"))
		t.Chains = append(t.Chains, Chain{Name: fmt.Sprintf("c%d", i), Head: head, Rules: p.rules(r)})
	}
	return t
}
