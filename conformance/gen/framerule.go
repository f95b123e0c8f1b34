package gen

import "fmt"

// framePlace is where a rule about frames stands.
type framePlace struct {
	family string // bridge, netdev, arp, ip, inet
	hook   string // "" in a chain that is jumped to
	jumps  []string
	tun    bool // the links are those of a router, without link-layer headers
}

// link tells that rules see link-layer headers and tags.
func (p *framePlace) link() bool { return !p.tun && (p.family == "bridge" || p.family == "netdev") }

// ofIP tells that the chains are on the hooks of IP.
func (p *framePlace) ofIP() bool { return p.family == "ip" || p.family == "inet" || p.family == "ip6" }

// aboutIP tells that rules may ask for IP.
func (p *framePlace) aboutIP() bool { return p.family != "arp" }

func (p *framePlace) rules(r source) []string {
	var out []string
	for n := 1 + r.IntN(5); n > 0; n-- {
		out = append(out, p.rule(r))
	}
	return out
}

func (p *framePlace) rule(r source) string {
	parts := matches(r, pick(r, 0, 1, 1, 1, 2), p.match)
	if r.chance(35) {
		parts = append(parts, p.statement(r))
	}
	return finish(r, parts, p.final)
}

func frameMAC(r source) string {
	return pick(r, "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03", "02:00:00:00:00:99", "ff:ff:ff:ff:ff:ff")
}

func (p *framePlace) match(r source) string {
	kinds := []func(source) string{p.meta}
	if p.link() {
		kinds = append(kinds, p.ether, p.ether, p.vlan, p.raw)
	}
	if p.family == "bridge" || p.family == "arp" || p.link() {
		kinds = append(kinds, p.arp)
	}
	if p.aboutIP() {
		kinds = append(kinds, p.ip, p.ip, p.ports, p.ports)
	}
	if p.ofIP() {
		kinds = append(kinds, p.state)
	}
	return pick(r, kinds...)(r)
}

func (p *framePlace) ether(r source) string {
	return pick(r, "ether saddr "+r.op()+frameMAC(r), "ether daddr "+r.op()+frameMAC(r), "ether saddr { 02:00:00:00:00:01, 02:00:00:00:00:02 }",
		"ether "+pick(r, "saddr ", "daddr ")+r.op()+pick(r, "@k", "@m"), "ether type "+pick(r, "ip", "ip6", "arp", "vlan"),
		"ether daddr & 01:00:00:00:00:00 != 00:00:00:00:00:00")
}

func (p *framePlace) vlan(r source) string {
	return pick(r, "vlan id "+r.op()+pick(r, "5", "6", "{ 5, 7 }", "1-5"), "vlan pcp "+pick(r, "0", "3"), "vlan type "+pick(r, "ip", "arp", "vlan"), "vlan dei 0")
}

func (p *framePlace) raw(r source) string {
	return pick(r, "@ll,0,48 0x020000000001", "@ll,96,16 "+pick(r, "0x0800", "0x8100", "0x0806"), "@ll,112,16 5", "@ll,88,16 0x0108", "@nh,0,8 0x45", "@nh,0,4 6", "@nh,48,16 1", "@th,16,16 53")
}

func (p *framePlace) arp(r source) string {
	return pick(r, "arp operation "+r.op()+pick(r, "request", "reply"), "arp saddr ip "+r.op()+pick(r, "10.5.0.2", "10.5.0.0/30", "{ 10.5.0.3, 10.5.0.9 }"),
		"arp daddr ip "+pick(r, "10.5.0.1", "10.5.0.4"), "arp saddr ether "+pick(r, "02:00:00:00:00:01", "@k"), "arp htype 1", "arp plen 4")
}

func (p *framePlace) ip(r source) string {
	if p.tun {
		return (&place{family: "inet"}).address(r)
	}
	if p.family == "ip6" || p.family != "ip" && r.chance(35) {
		return pick(r, "ip6 saddr "+r.op()+pick(r, "fd05::2", "fd05::/125"), "ip6 daddr "+pick(r, "fd05::1", "fd05::3"), "ip6 nexthdr "+r.op()+"udp", "ip6 hoplimit 64")
	}
	return pick(r, "ip saddr "+r.op()+pick(r, "10.5.0.2", "10.5.0.0/30", "{ 10.5.0.3, 10.5.0.9 }", "10.5.0.2-10.5.0.3"), "ip daddr "+r.op()+pick(r, "10.5.0.1", "10.5.0.4", "10.5.0.255"),
		"ip protocol "+r.op()+pick(r, "udp", "tcp", "icmp"), "ip ttl "+pick(r, "64", "63"), "ip frag-off & 0x1fff != 0", "ip length < 50", "ip id 1")
}

func (p *framePlace) ports(r source) string {
	return pick(r, "udp dport ", "tcp dport ", "tcp sport ", "th dport ", "udp sport ") + r.op() + r.ports()
}

func (p *framePlace) state(r source) string {
	return pick(r, "ct state "+r.op()+pick(r, "new", "established", "invalid", "untracked"), "ct status "+pick(r, "dnat", "seen-reply", "confirmed"), "ct direction "+pick(r, "original", "reply"))
}

func (p *framePlace) meta(r source) string {
	port := pick(r, `"pa"`, `"pb"`, `"br0"`, `"p*"`)
	if p.tun {
		port = pick(r, `"ta"`, `"tb"`, `"t*"`)
	}
	kinds := []string{"iifname " + r.op() + port, "oifname " + r.op() + port, "meta mark " + r.op() + r.mark(), "meta length " + pick(r, "< 40", "28", "> 60"),
		"meta pkttype " + r.op() + pick(r, "host", "broadcast", "multicast", "other"), "meta protocol " + r.op() + pick(r, "ip", "ip6", "arp")}
	if p.aboutIP() {
		kinds = append(kinds, "meta l4proto "+r.op()+pick(r, "udp", "tcp", "icmp", "ipv6-icmp"))
	}
	return pick(r, kinds...)
}

func (p *framePlace) statement(r source) string {
	kinds := []string{"meta mark set " + r.mark(), "meta mark set meta mark | 1", "counter", "limit rate 1/day burst 3 packets",
		"meta priority set 1:2"}
	if p.link() {
		kinds = append(kinds, "ether saddr set 02:00:00:00:00:77", "ether daddr set "+pick(r, "02:00:00:00:00:03", "02:00:00:00:00:99", "ff:ff:ff:ff:ff:ff"), "vlan id set 6",
			"update @m { ether saddr }", "add @m { ether daddr counter }", "delete @m { ether saddr }")
	}
	if p.family == "bridge" {
		kinds = append(kinds, "meta pkttype set "+pick(r, "host", "other", "broadcast"))
	}
	if p.family == "arp" {
		kinds = append(kinds, "arp operation set reply", "arp saddr ip set 10.5.0.9", "arp daddr ether set 02:00:00:00:00:55")
	}
	switch {
	case p.family == "ip6":
		kinds = append(kinds, "ip6 hoplimit set 9", "ip6 dscp set ef", "udp dport set "+fmt.Sprint(r.port()))
	case p.tun:
		kinds = append(kinds, "ip ttl set 9", "ip6 hoplimit set 9", "ip dscp set ef", "tcp dport set "+fmt.Sprint(r.port()))
	case p.aboutIP():
		kinds = append(kinds, "ip ttl set 9", "udp dport set "+fmt.Sprint(r.port()), "ip daddr set "+p.written(r), "ip6 hoplimit set 9", "ip dscp set ef")
	}
	if p.link() && p.family == "netdev" {
		kinds = append(kinds, `dup to "pc"`)
	}
	return pick(r, kinds...)
}

// written draws an address to write; not the host's own where the packet leaves it,
// as the kernel would ask by ARP who that is.
func (p *framePlace) written(r source) string {
	if p.link() || p.hook == "prerouting" || p.hook == "input" {
		return pick(r, "10.5.0.4", "10.5.0.1")
	}
	return "10.5.0.4"
}

func (p *framePlace) final(r source) string {
	if p.hook == "nat" && (p.family == "ip6" || p.family == "inet" && r.chance(30)) {
		return pick(r, "", "accept", "udp dport { 53, 54 } dnat ip6 to fd05::4", "meta l4proto { tcp, udp } dnat ip6 to [fd05::4]:5000", "dnat ip6 to fd05::1")
	}
	if p.hook == "nat" {
		// a set, as nft 1.0 merges comparisons of neighbouring fields over statements
		return pick(r, "", "accept", "udp dport { 53, 54 } dnat ip to 10.5.0.4", "meta l4proto { tcp, udp } dnat ip to 10.5.0.4:5000", "meta l4proto { tcp, udp } redirect to :8080", "dnat ip to 10.5.0.1")
	}
	ends := []string{"", "", "", "accept", "accept", "drop", "return", "continue"}
	for _, j := range p.jumps {
		ends = append(ends, "jump "+j, "goto "+j)
	}
	switch {
	case p.tun:
		if p.hook != "" {
			ends = append(ends, `fwd to "tb"`)
		}
	case p.family == "netdev" && p.hook != "":
		ends = append(ends, `fwd to "pc"`)
		if p.hook == "ingress" {
			ends = append(ends, "reject", "meta l4proto tcp reject with tcp reset")
		}
	case p.ofIP() && (p.hook == "input" || p.hook == "forward" || p.hook == "prerouting"):
		ends = append(ends, "reject", "meta l4proto tcp reject with tcp reset")
	}
	return pick(r, ends...)
}
