package iptables

import (
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

// bridgeIPOptions are the matches of IPv4 (header ip) and IPv6 (ip6).
func bridgeIPOptions(header, name string, typ uint64) []option {
	family := nf.FamilyIPv4
	icmp, table := "icmp", icmpNames
	tos := "ip-tos"
	if header == "ip6" {
		family, icmp, table, tos = nf.FamilyIPv6, "icmpv6", icmpv6Names, "ip6-tclass"
	}
	checked := func(f func(r *lowering, g *given)) func(r *lowering, g *given) {
		return func(r *lowering, g *given) {
			if !r.needsEther(g, name, typ) {
				return
			}
			own := r.family // addresses are of the protocol, not of the table
			r.family = family
			f(r, g)
			r.family = own
		}
	}
	address := func(field string) func(r *lowering, g *given) {
		return checked(func(r *lowering, g *given) {
			if a, ok := r.address(g.args[0]); ok {
				r.compareAddress(r.field(header, field), a, g.negated())
			}
		})
	}
	port := func(field string) func(r *lowering, g *given) {
		return checked(func(r *lowering, g *given) {
			if p, ok := r.portRange(g.args[0]); ok && r.bridgePorts(g, header) {
				r.bridgeTransport(header, field)
				r.emit(r.equal(r.field("th", field), r.between(p), g.negated()))
			}
		})
	}
	options := []option{
		{name: header + "-source", aliases: []string{header + "-src"}, args: 1, negate: true, lower: address("saddr")},
		{name: header + "-destination", aliases: []string{header + "-dst"}, args: 1, negate: true, lower: address("daddr")},
		{name: tos, args: 1, negate: true, lower: checked(func(r *lowering, g *given) {
			if n, ok := r.number(g.args[0], 0, 0xff); ok {
				r.emit(r.equal(r.tosByte(), r.value(n), g.negated()))
			}
		})},
		{name: header + "-protocol", aliases: []string{header + "-proto"}, args: 1, negate: true, lower: checked(func(r *lowering, g *given) {
			name := strings.ToLower(g.args[0].text)
			n, ok := protocolNumber(name)
			if !ok && name != "all" { // which is 0
				r.errorf(g.args[0].span, "unknown protocol %s", g.args[0].text)
				return
			}
			r.emit(r.equal(r.meta("l4proto"), r.value(uint64(n)), g.negated()))
		})},
		{name: header + "-source-port", aliases: []string{header + "-sport"}, args: 1, negate: true, lower: port("sport")},
		{name: header + "-destination-port", aliases: []string{header + "-dport"}, args: 1, negate: true, lower: port("dport")},
		{name: header + "-icmp-type", args: 1, negate: true, lower: checked(func(r *lowering, g *given) {
			r.bridgeTransport(header, "type")
			r.bridgeICMP(g, icmp, table)
		})},
	}
	if header == "ip" {
		options = append(options, option{name: "ip-igmp-type", args: 1, negate: true, lower: checked(func(r *lowering, g *given) {
			r.bridgeTransport(header, "type")
			r.bridgeIGMP(g)
		})})
	}
	return options
}

// igmpTypes are the names of IGMP messages (RFC 3376, section 4).
var igmpTypes = map[string]uint64{
	"membership-query": 0x11, "membership-report-v1": 0x12, "membership-report-v2": 0x16, "leave-group": 0x17, "membership-report-v3": 0x22,
}

// bridgeIGMP compares the type of an IGMP message: a number, a range or a name.
func (l *lowering) bridgeIGMP(g *given) {
	if p := l.ownProtocol(); p != protoIGMP {
		l.incomplete(g.span, "option --%s needs --ip-proto igmp", g.opt.name)
		return
	}
	w := g.args[0]
	types := bounds{}
	n, ok := igmpTypes[strings.ToLower(w.text)]
	switch _, err := parseNumber(strings.Split(w.text, ":")[0]); {
	case ok:
		types = bounds{n, n}
	case err != nil || strings.HasSuffix(w.text, ":"):
		l.errorf(w.span, "unknown IGMP type %s%s", w.text, didYouMean(strings.ToLower(w.text), keys(igmpTypes)))
		return
	default:
		if types, ok = l.ordered(w, 255); !ok {
			return
		}
	}
	l.emit(l.equal(l.field("igmp", "type"), l.between(types), g.negated()))
}

// protoIGMP is the number of IGMP.
const protoIGMP = 2

// ownProtocol gives the protocol of IP that the rule asks for, -1 if it does not.
func (l *lowering) ownProtocol() int {
	for _, u := range l.matches {
		if p := u.option("ip-protocol"); p != nil && !p.negated() {
			if n, ok := protocolNumber(strings.ToLower(p.args[0].text)); ok {
				return int(n)
			}
		}
	}
	return -1
}

// field is a field of a header. ebtables drops nothing that is cut short.
func (l *lowering) field(proto, field string) lang.Expr {
	p := l.build.field(proto, field)
	if l.dialect.innerNot {
		p.Whole = 0
	}
	return p
}

// bridgeTransport asks for what ebtables wants before it looks behind the IP header:
// four bytes there, and no later fragment of IPv4. nft reads those of a bridge.
func (l *lowering) bridgeTransport(header, field string) {
	if header == "ip" {
		l.emit(l.equal(l.masked(l.field("ip", "frag-off"), 0x1fff, 0xffff), l.value(0), false))
	}
	if field != "dport" { // which reaches so far by itself
		l.emit(l.equal(l.field("th", "dport"), l.between(bounds{0, 0xffff}), false))
	}
}

// bridgePorts asks for a protocol with ports beside an option for them.
func (l *lowering) bridgePorts(g *given, header string) bool {
	for _, u := range l.matches {
		if p := u.option(header + "-protocol"); p != nil && !p.negated() {
			n, _ := protocolNumber(strings.ToLower(p.args[0].text))
			for _, q := range portProtocols {
				if q == n {
					return true
				}
			}
		}
	}
	l.incomplete(g.span, "option --%s needs --%s-proto tcp, udp, udplite, dccp or sctp", g.opt.name, header)
	return false
}

// bridgeICMP compares ranges of types and codes: TYPE[:TYPE][/CODE[:CODE]], or a
// name.
func (l *lowering) bridgeICMP(g *given, header string, table []icmpName) {
	t, c, hasCode := g.args[0].cut("/")
	if _, err := parseNumber(strings.Split(t.text, ":")[0]); err != nil {
		l.icmpType(g, header, table)
		return
	}
	types, ok := l.ordered(t, 255)
	if !ok {
		return
	}
	if !hasCode {
		l.emit(l.equal(l.field(header, "type"), l.between(types), g.negated()))
		return
	}
	if c.text == "" || strings.HasSuffix(c.text, ":") {
		l.errorf(g.span, "a code is missing")
		return
	}
	codes, ok := l.ordered(c, 255)
	switch {
	case !ok:
	case g.negated():
		pair := l.concat(l.field(header, "type"), l.field(header, "code"))
		l.emit(l.equal(pair, l.set(l.concat(l.between(types), l.between(codes))), true))
	default:
		l.emit(l.equal(l.field(header, "type"), l.between(types), false), l.equal(l.field(header, "code"), l.between(codes), false))
	}
}
