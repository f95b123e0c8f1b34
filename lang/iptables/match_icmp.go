package iptables

import (
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

// An icmpName is a name that iptables has for a type and a range of codes.
type icmpName struct {
	name       string
	typ        uint64
	code, last uint64
}

var icmpNames = []icmpName{
	{"echo-reply", 0, 0, 255}, {"pong", 0, 0, 255},
	{"destination-unreachable", 3, 0, 255}, {"network-unreachable", 3, 0, 0}, {"host-unreachable", 3, 1, 1},
	{"protocol-unreachable", 3, 2, 2}, {"port-unreachable", 3, 3, 3}, {"fragmentation-needed", 3, 4, 4},
	{"source-route-failed", 3, 5, 5}, {"network-unknown", 3, 6, 6}, {"host-unknown", 3, 7, 7},
	{"network-prohibited", 3, 9, 9}, {"host-prohibited", 3, 10, 10}, {"TOS-network-unreachable", 3, 11, 11},
	{"TOS-host-unreachable", 3, 12, 12}, {"communication-prohibited", 3, 13, 13},
	{"host-precedence-violation", 3, 14, 14}, {"precedence-cutoff", 3, 15, 15},
	{"source-quench", 4, 0, 255},
	{"redirect", 5, 0, 255}, {"network-redirect", 5, 0, 0}, {"host-redirect", 5, 1, 1},
	{"TOS-network-redirect", 5, 2, 2}, {"TOS-host-redirect", 5, 3, 3},
	{"echo-request", 8, 0, 255}, {"ping", 8, 0, 255},
	{"router-advertisement", 9, 0, 255}, {"router-solicitation", 10, 0, 255},
	{"time-exceeded", 11, 0, 255}, {"ttl-exceeded", 11, 0, 255},
	{"ttl-zero-during-transit", 11, 0, 0}, {"ttl-zero-during-reassembly", 11, 1, 1},
	{"parameter-problem", 12, 0, 255}, {"ip-header-bad", 12, 0, 0}, {"required-option-missing", 12, 1, 1},
	{"timestamp-request", 13, 0, 255}, {"timestamp-reply", 14, 0, 255},
	{"address-mask-request", 17, 0, 255}, {"address-mask-reply", 18, 0, 255},
}

var icmpv6Names = []icmpName{
	{"destination-unreachable", 1, 0, 255}, {"no-route", 1, 0, 0}, {"communication-prohibited", 1, 1, 1},
	{"beyond-scope", 1, 2, 2}, {"address-unreachable", 1, 3, 3}, {"port-unreachable", 1, 4, 4},
	{"failed-policy", 1, 5, 5}, {"reject-route", 1, 6, 6},
	{"packet-too-big", 2, 0, 255},
	{"time-exceeded", 3, 0, 255}, {"ttl-exceeded", 3, 0, 255},
	{"ttl-zero-during-transit", 3, 0, 0}, {"ttl-zero-during-reassembly", 3, 1, 1},
	{"parameter-problem", 4, 0, 255}, {"bad-header", 4, 0, 0}, {"unknown-header-type", 4, 1, 1}, {"unknown-option", 4, 2, 2},
	{"echo-request", 128, 0, 255}, {"ping", 128, 0, 255}, {"echo-reply", 129, 0, 255}, {"pong", 129, 0, 255},
	{"mld-listener-query", 130, 0, 255}, {"mld-listener-report", 131, 0, 255},
	{"mld-listener-done", 132, 0, 255}, {"mld-listener-reduction", 132, 0, 255},
	{"router-solicitation", 133, 0, 255}, {"router-advertisement", 134, 0, 255},
	{"neighbour-solicitation", 135, 0, 255}, {"neighbor-solicitation", 135, 0, 255},
	{"neighbour-advertisement", 136, 0, 255}, {"neighbor-advertisement", 136, 0, 255},
	{"redirect", 137, 0, 255},
}

var icmpMatches = []extension{
	{name: "icmp", family: nf.FamilyIPv4, protos: []uint8{protoICMP}, opts: []option{
		{name: "icmp-type", args: 1, negate: true, needed: true, lower: func(r *lowering, g *given) { r.icmpType(g, "icmp", icmpNames) }},
	}},
	{name: "icmp6", family: nf.FamilyIPv6, protos: []uint8{protoICMPv6}, opts: []option{
		{name: "icmpv6-type", aliases: []string{"icmp6-type"}, args: 1, negate: true, needed: true,
			lower: func(r *lowering, g *given) { r.icmpType(g, "icmpv6", icmpv6Names) }},
	}},
}

// icmpType compares type and code: a name, the beginning of one, TYPE, or
// TYPE/CODE.
func (l *lowering) icmpType(g *given, header string, table []icmpName) {
	n, ok := l.findICMP(g.args[0], header, table)
	if !ok {
		return
	}
	typ, code := l.field(header, "type"), l.field(header, "code")
	switch {
	case n.typ == anyICMP && g.negated():
		l.never()
	case n.typ == anyICMP:
		// The header must be there, whatever it says.
		l.emit(l.equal(typ, l.between(bounds{0, 255}), false))
	case n.code == 0 && n.last == 255:
		l.emit(l.equal(typ, l.value(n.typ), g.negated()))
	case !g.negated():
		l.emit(l.equal(typ, l.value(n.typ), false), l.equal(code, l.between(bounds{n.code, n.last}), false))
	default:
		// Not this type and code together.
		pair := &lang.RawPayload{Pos: l.pos(), Base: l.word("th"), Offset: l.num(0), Len: l.num(16), Whole: headerSizes[header]}
		l.emit(l.equal(pair, l.value(n.typ<<8|n.code), true))
	}
}

// anyICMP is the type that stands for all of them.
const anyICMP = 0xff

func (s *spec) findICMP(w word, header string, table []icmpName) (icmpName, bool) {
	if strings.EqualFold(w.text, "any") && header == "icmp" {
		return icmpName{"any", anyICMP, 0, 255}, true
	}
	var found []icmpName
	for _, n := range table {
		if len(w.text) <= len(n.name) && strings.EqualFold(n.name[:len(w.text)], w.text) {
			if len(n.name) == len(w.text) {
				return n, true
			}
			found = append(found, n)
		}
	}
	if len(found) > 0 {
		for _, n := range found[1:] {
			if n.typ != found[0].typ || n.code != found[0].code || n.last != found[0].last {
				s.errorf(w.span, "%s is the beginning of %s and %s", w.text, found[0].name, n.name)
				return n, false
			}
		}
		return found[0], true
	}
	t, c, hasCode := w.cut("/")
	typ, err := parseNumber(t.text)
	if err != nil {
		var known []string
		for _, n := range table {
			known = append(known, n.name)
		}
		s.errorf(w.span, "unknown ICMP type %s%s", w.text, didYouMean(w.text, known))
		return icmpName{}, false
	}
	if typ > 255 {
		s.errorf(t.span, "a type is a number from 0 to 255")
		return icmpName{}, false
	}
	if !hasCode {
		return icmpName{"", typ, 0, 255}, true
	}
	code, ok := s.number(c, 0, 255)
	return icmpName{"", typ, code, code}, ok
}
