package gen

import (
	"fmt"
	"strings"
)

// place is where a rule stands: what it may say depends on it.
type place struct {
	family string // ip, ip6, inet
	hook   string
	kind   string // filter, nat, route
	sets   *sets
	jumps  []string // regular chains it may jump to
}

// six draws the family of a rule's addresses.
func (p *place) six(r source) bool {
	return p.family == "ip6" || p.family == "inet" && r.chance(40)
}

func ipWord(six bool) string {
	if six {
		return "ip6"
	}
	return "ip"
}

// match draws one match.
func (p *place) match(r source) string {
	kinds := []func(source) string{
		p.address, p.address, p.transport, p.transport, p.transport, p.header,
		p.conntrack, p.conntrack, p.connection, p.meta, p.meta, p.lookup, p.lookup, p.tcp, p.raw,
	}
	if p.hook == "prerouting" {
		kinds = append(kinds, p.fib)
	}
	return pick(r, kinds...)(r)
}

func (p *place) address(r source) string {
	six := p.six(r)
	return ipWord(six) + " " + pick(r, "saddr ", "daddr ") + r.op() + r.addrs(six)
}

func (p *place) transport(r source) string {
	switch r.IntN(5) {
	case 0:
		return "meta l4proto " + r.op() + pick(r, "tcp", "udp", "icmp", "{ tcp, udp }", "99")
	case 1:
		return "th " + pick(r, "sport ", "dport ") + r.op() + r.ports()
	case 2:
		if p.six(r) {
			return "icmpv6 type " + r.op() + pick(r, "echo-request", "echo-reply", "{ echo-request, echo-reply }", "time-exceeded")
		}
		return "icmp type " + r.op() + pick(r, "echo-request", "echo-reply", "{ echo-request, echo-reply }", "destination-unreachable")
	}
	return pick(r, "tcp ", "udp ") + pick(r, "sport ", "dport ") + r.op() + r.ports()
}

func (p *place) header(r source) string {
	if p.six(r) {
		return pick(r, "ip6 hoplimit "+r.op()+pick(r, "64", "63", "1-63"), "ip6 nexthdr "+r.op()+pick(r, "tcp", "udp", "{ tcp, ipv6-icmp }"),
			"ip6 length "+pick(r, "< 30", "20-100"), "ip6 dscp "+pick(r, "cs1", "ef", "cs0"), "exthdr frag "+pick(r, "exists", "missing"))
	}
	return pick(r, "ip ttl "+r.op()+pick(r, "64", "63", "1-63"), "ip protocol "+r.op()+pick(r, "tcp", "udp", "{ tcp, icmp }"),
		"ip length "+pick(r, "< 50", "20-100", "> 60"), "ip dscp "+r.op()+pick(r, "cs1", "ef", "{ cs0, cs1 }"),
		"ip id "+pick(r, "1", "> 5"), "ip frag-off & 0x1fff != 0", "ip hdrlength 5", "ip option ra "+pick(r, "exists", "missing"))
}

func (p *place) conntrack(r source) string {
	switch r.IntN(8) {
	case 0, 1, 2:
		return "ct state " + r.op() + pick(r, "new", "established", "related", "invalid", "untracked", "established,related", "{ new, invalid }")
	case 3:
		return "ct direction " + pick(r, "original", "reply")
	case 4:
		return "ct status " + pick(r, "snat", "dnat", "seen-reply", "assured", "confirmed", "! confirmed")
	case 5:
		return "ct mark " + r.op() + r.mark()
	case 6:
		six := p.six(r)
		return "ct " + pick(r, "original ", "reply ") + ipWord(six) + " " + pick(r, "saddr ", "daddr ") + r.op() + r.addr(six)
	}
	return "meta l4proto " + pick(r, "tcp", "udp") + " ct " + pick(r, "original ", "reply ") + pick(r, "proto-src ", "proto-dst ") + fmt.Sprint(r.port())
}

func (p *place) meta(r source) string {
	in := pick(r, "iifname", "iif") + " " + r.op() + pick(r, `"ta"`, `"tb"`)
	out := pick(r, "oifname", "oif") + " " + r.op() + pick(r, `"ta"`, `"tb"`)
	switch p.hook {
	case "prerouting", "input":
		out = in
	case "output", "postrouting":
		in = out
	}
	return pick(r, in, out, "meta mark "+r.op()+r.mark(), "meta mark & 0xf == 1", "meta length "+pick(r, "< 50", "> 60", "30-80"),
		"meta pkttype "+pick(r, "host", "broadcast"), "meta protocol "+pick(r, "ip", "ip6"), "meta nfproto "+pick(r, "ipv4", "ipv6"))
}

func (p *place) tcp(r source) string {
	return pick(r, "tcp flags syn", "tcp flags & (syn | ack) == syn", "tcp flags & (fin | rst) != 0", "tcp flags == { syn, syn | ack, ack }",
		"tcp option maxseg size "+pick(r, "1460", "> 1000"), "tcp option maxseg "+pick(r, "exists", "missing"), "tcp window "+pick(r, "{ 1000, 8192 }", "< 1000"), // a set: nft 1.0 merges a plain one with flags
		"tcp sequence > 1000", "tcp option sack-perm exists", "tcp doff > 5")
}

func (p *place) raw(r source) string {
	return pick(r, "@th,0,16 "+r.op()+fmt.Sprint(r.port()), "@th,16,16 "+fmt.Sprint(r.port()), "@nh,64,8 63", "@th,0,32 & 0xffff == 53", "@nh,0,4 4", "@th,8,16 != 0")
}

func (p *place) fib(r source) string {
	return pick(r, "fib daddr type "+pick(r, "local", "unicast", "broadcast"), "fib saddr . iif oif "+pick(r, "exists", "missing"), "fib daddr oifname "+pick(r, `"tb"`, `"ta"`))
}

// lookup is a match against a named set that fits the family, or an anonymous
// concatenation.
func (p *place) lookup(r source) string {
	if s := p.sets.find(r, false); s != nil {
		return s.key(r) + " " + r.op() + "@" + s.name
	}
	six := p.six(r)
	item := func() string { return fmt.Sprintf("%s . %d", r.addr(six), r.port()) }
	return ipWord(six) + " " + pick(r, "saddr", "daddr") + " . " + pick(r, "tcp", "udp") + " dport " + r.op() + "{ " + strings.Join(r.some(item), ", ") + " }"
}
