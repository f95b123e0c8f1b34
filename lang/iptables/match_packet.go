package iptables

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

var packetMatches = []extension{
	{name: "comment", opts: []option{{name: "comment", args: 1, needed: true, lower: lowerComment}}},
	{name: "mark", opts: []option{
		{name: "mark", args: 1, negate: true, needed: true, lower: func(r *lowering, g *given) {
			if m, ok := r.maskedValue(g.args[0]); ok {
				r.emit(r.equal(r.masked(r.meta("mark"), uint64(m.mask), 0xffffffff), r.value(uint64(m.value)), g.negated()))
			}
		}},
	}},
	{name: "length", opts: []option{
		{name: "length", args: 1, negate: true, needed: true, lower: func(r *lowering, g *given) {
			if b, ok := r.numbers(g.args[0], 0xffff); ok {
				r.within(r.meta("length"), b, 0xffffffff, g.negated())
			}
		}},
	}},
	{name: "mac", hooks: hooksOf(nf.HookPrerouting, nf.HookInput, nf.HookForward), opts: []option{
		{name: "mac-source", args: 1, negate: true, needed: true, lower: lowerMAC},
	}},
	{name: "pkttype", opts: []option{
		{name: "pkt-type", args: 1, negate: true, needed: true, lower: lowerPktType},
	}},
	{name: "iprange", some: true, opts: []option{
		{name: "src-range", args: 1, negate: true, lower: func(r *lowering, g *given) { r.addressRange(g, "saddr") }},
		{name: "dst-range", args: 1, negate: true, lower: func(r *lowering, g *given) { r.addressRange(g, "daddr") }},
	}},
	{name: "ttl", family: nf.FamilyIPv4, some: true, opts: hopOptions("ttl", "ip", "ttl")},
	{name: "hl", family: nf.FamilyIPv6, some: true, opts: hopOptions("hl", "ip6", "hoplimit")},
	{name: "dscp", some: true, opts: []option{
		{name: "dscp", args: 1, negate: true, excludes: []string{"dscp-class"}, lower: func(r *lowering, g *given) {
			if n, ok := r.number(g.args[0], 0, 63); ok {
				r.emit(r.equal(r.field(r.ip(), "dscp"), r.value(n), g.negated()))
			}
		}},
		{name: "dscp-class", args: 1, negate: true, lower: func(r *lowering, g *given) {
			if n, ok := r.dscpClass(g.args[0]); ok {
				r.emit(r.equal(r.field(r.ip(), "dscp"), r.value(n), g.negated()))
			}
		}},
	}},
	{name: "tos", opts: []option{
		{name: "tos", args: 1, negate: true, needed: true, lower: func(r *lowering, g *given) {
			if m, ok := r.tosValue(g.args[0], 0xff); ok {
				r.matchTOS(m, g.negated())
			}
		}},
	}},
	{name: "ecn", some: true, opts: []option{
		{name: "ecn-tcp-cwr", negate: true, lower: func(r *lowering, g *given) { r.ecnFlag(g, 0x80) }},
		{name: "ecn-tcp-ece", negate: true, lower: func(r *lowering, g *given) { r.ecnFlag(g, 0x40) }},
		{name: "ecn-ip-ect", args: 1, negate: true, lower: func(r *lowering, g *given) {
			if n, ok := r.number(g.args[0], 0, 3); ok {
				r.emit(r.equal(r.field(r.ip(), "ecn"), r.value(n), g.negated()))
			}
		}},
	}},
	{name: "cpu", opts: []option{{name: "cpu", args: 1, negate: true, needed: true, lower: func(r *lowering, g *given) {
		if n, ok := r.number(g.args[0], 0, 0xffffffff); ok {
			r.emit(r.equal(r.meta("cpu"), r.value(n), g.negated()))
		}
	}}}},
	{name: "cgroup", some: true, hooks: hooksOf(nf.HookInput, nf.HookOutput, nf.HookPostrouting), opts: []option{
		{name: "path", args: 1, negate: true, refuse: "there are no control groups"},
		{name: "cgroup", args: 1, negate: true, lower: func(r *lowering, g *given) {
			if n, ok := r.number(g.args[0], 0, 0xffffffff); ok {
				r.emit(r.equal(r.meta("cgroup"), r.value(n), g.negated()))
			}
		}},
	}},
	{name: "devgroup", some: true, opts: []option{
		{name: "src-group", args: 1, negate: true, lower: func(r *lowering, g *given) {
			r.needs("--src-group", g.name, nf.HookPrerouting, nf.HookInput, nf.HookForward)
			r.group(g, "iifgroup")
		}},
		{name: "dst-group", args: 1, negate: true, lower: func(r *lowering, g *given) {
			r.needs("--dst-group", g.name, nf.HookForward, nf.HookOutput, nf.HookPostrouting)
			r.group(g, "oifgroup")
		}},
	}},
	{name: "realm", family: nf.FamilyIPv4, hooks: hooksOf(nf.HookInput, nf.HookForward, nf.HookOutput, nf.HookPostrouting), opts: []option{
		{name: "realm", args: 1, negate: true, needed: true, lower: func(r *lowering, g *given) {
			if m, ok := r.maskedValue(g.args[0]); ok {
				r.emit(r.equal(r.masked(&lang.Rt{Pos: r.pos(), Key: r.word("classid")}, uint64(m.mask), 0xffffffff), r.value(uint64(m.value)), g.negated()))
			}
		}},
	}},
}

// maxComment is the size of struct xt_comment_info less the closing zero.
const maxComment = 255

// lowerComment keeps the comment with the rule. nft holds fewer characters:
// what is longer is in the rule's text all the same.
func lowerComment(r *lowering, g *given) {
	w := g.args[0]
	if len(w.text) > maxComment {
		r.diags.Warnf(w.span, "a comment has at most %d characters: the rest is cut off", maxComment)
	}
	if len(w.text) > nftComment {
		w.text = w.text[:nftComment]
	}
	r.note = w
}

// nftComment is what nft takes (NFTNL_UDATA_COMMENT_MAXLEN).
const nftComment = 128

func lowerMAC(r *lowering, g *given) {
	a, ok := looseMAC(g.args[0].text)
	if !ok {
		r.errorf(g.args[0].span, "%q is no MAC address", g.args[0].text)
		return
	}
	r.emit(r.equal(r.field("ether", "saddr"), &lang.Symbol{Pos: r.pos(), Text: a.String(), Kind: lang.SymMAC}, g.negated()))
}

// looseMAC reads six groups, of which any may be empty.
func looseMAC(s string) (net.HardwareAddr, bool) {
	groups := strings.Split(s, ":")
	for i, g := range groups {
		if g == "" {
			groups[i] = "0"
		}
	}
	return parseMAC(strings.Join(groups, ":"))
}

// pktTypes are the link layer's packet types (linux/if_packet.h).
var pktTypes = []bitName{
	{"unicast", 0}, {"broadcast", 1}, {"multicast", 2}, {"otherhost", 3}, {"outgoing", 4}, {"loopback", 5}, {"fastroute", 6}, {"host", 0}, {"bcast", 1}, {"mcast", 2},
}

// iptablesTypes are names that ebtables lacks.
var iptablesTypes = []string{"unicast", "bcast", "mcast"}

func lowerPktType(r *lowering, g *given) {
	w := g.args[0]
	for _, t := range pktTypes {
		if strings.EqualFold(w.text, t.name) && (r.family != nf.FamilyBridge || !slices.Contains(iptablesTypes, t.name)) {
			r.emit(r.equal(r.meta("pkttype"), r.value(t.bit), g.negated()))
			return
		}
	}
	if n, err := parseNumber(w.text); err == nil && n <= 255 && r.family == nf.FamilyBridge {
		r.emit(r.equal(r.meta("pkttype"), r.value(n), g.negated()))
		return
	}
	r.errorf(w.span, "a packet type is unicast, broadcast or multicast")
}

// addressRange compares an address with FROM-TO.
func (l *lowering) addressRange(g *given, field string) {
	a, b, isRange := g.args[0].cut("-")
	from, ok1 := l.parseAddr(a)
	to, ok2 := from, ok1
	if isRange {
		to, ok2 = l.parseAddr(b)
	}
	if !ok1 || !ok2 {
		return
	}
	low, _ := netip.AddrFromSlice(from)
	high, _ := netip.AddrFromSlice(to)
	switch {
	case !high.Less(low):
		l.emit(l.equal(l.field(l.ip(), field), l.addrRange(low, high), g.negated()))
	case !g.negated(): // no address lies in a range that runs backwards
		l.never()
	}
}

// hopOptions are the comparisons of the time to live.
func hopOptions(prefix, header, field string) []option {
	compare := func(suffix string, op lang.Op, negate bool) option {
		return option{name: prefix + "-" + suffix, args: 1, excludes: []string{prefix + "-eq", prefix + "-lt", prefix + "-gt"}, negate: negate, lower: func(r *lowering, g *given) {
			if n, ok := r.number(g.args[0], 0, 255); ok {
				o := op
				if g.negated() {
					o = lang.OpNeq
				}
				r.emit(r.match(o, r.field(header, field), r.value(n)))
			}
		}}
	}
	eq := compare("eq", lang.OpEq, true)
	eq.aliases = []string{prefix}
	return []option{compare("lt", lang.OpLt, false), compare("gt", lang.OpGt, false), eq}
}

// ecnFlag tests a flag of the TCP header; the rule must match TCP.
func (l *lowering) ecnFlag(g *given, bit uint64) {
	if l.proto.number != protoTCP || l.proto.not {
		l.incomplete(g.span, "option --%s needs -p tcp", g.opt.name)
		return
	}
	l.emit(l.anyBit(l.field("tcp", "flags"), bit, g.negated()))
}

// group compares the group of an interface.
func (l *lowering) group(g *given, key string) {
	w := g.args[0]
	if w.text == "default" { // in iproute2's list of names
		w.text = "0"
	}
	if m, ok := l.maskedValue(w); ok {
		l.emit(l.equal(l.masked(l.meta(key), uint64(m.mask), 0xffffffff), l.value(uint64(m.value)), g.negated()))
	}
}
