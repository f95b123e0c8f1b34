package iptables

import (
	"slices"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
	"nfvm/xt"
)

// ext6Matches look into extension headers of IPv6. A packet without the header
// does not match, negated or not.
var ext6Matches = []extension{
	{name: "rt", family: nf.FamilyIPv6, opts: []option{
		{name: "rt-type", args: 1, negate: true}, {name: "rt-segsleft", args: 1, negate: true}, {name: "rt-len", args: 1, negate: true},
		{name: "rt-0-res"}, {name: "rt-0-addrs", args: 1}, {name: "rt-0-not-strict"},
	}, lower: lowerRT},
	srhMatch,
	{name: "eui64", family: nf.FamilyIPv6, hooks: hooksOf(nf.HookPrerouting, nf.HookInput, nf.HookForward),
		lower: func(r *lowering, _ *use) { r.matchXT("eui64", 0, &xt.EUI64{}) }},
	{name: "frag", family: nf.FamilyIPv6, opts: []option{
		ext6Range("fragid", "frag", "id", 0xffffffff),
		{name: "fraglen", args: 1, negate: true, lower: lowerFragLen},
		{name: "fragres", lower: func(r *lowering, _ *given) {
			r.emit(r.equal(r.ext6("frag", "reserved"), r.value(0), false), r.equal(r.ext6("frag", "reserved2"), r.value(0), false))
		}},
		ext6Is("fragfirst", "frag", "frag-off", 0), ext6Is("fragmore", "frag", "more-fragments", 1),
		{name: "fraglast", lower: func(r *lowering, g *given) {
			if slices.ContainsFunc(r.matches, func(u *use) bool { return u.has("fragmore") && slices.Contains(u.given, g) }) {
				r.errorf(g.span, "--fragmore and --fraglast exclude each other")
			}
			r.emit(r.equal(r.ext6("frag", "more-fragments"), r.value(0), false))
		}},
	}, lower: lowerExt6},
	{name: "hbh", family: nf.FamilyIPv6, opts: []option{
		ext6Length("hbh-len", "hbh"),
		{name: "hbh-opts", args: 1, lower: lowerOpts6},
	}, lower: lowerExt6},
	{name: "dst", family: nf.FamilyIPv6, opts: []option{
		ext6Length("dst-len", "dst"),
		{name: "dst-opts", args: 1, lower: lowerOpts6},
	}, lower: lowerExt6},
	{name: "mh", family: nf.FamilyIPv6, protos: []uint8{protoMH}, opts: []option{
		{name: "mh-type", args: 1, negate: true, lower: lowerMH},
	}},
}

func (b build) ext6(header, field string) lang.Expr {
	return &lang.Exthdr{Pos: b.pos(), Header: b.word(header), Field: b.word(field)}
}

// ext6Range compares a field with a range of numbers.
func ext6Range(name, header, field string, most uint64) option {
	return option{name: name, args: 1, negate: true, lower: func(r *lowering, g *given) {
		if b, ok := r.numbers(g.args[0], most); ok {
			r.within(r.ext6(header, field), b, most, g.negated())
		}
	}}
}

// ext6Is compares a field with a number.
func ext6Is(name, header, field string, n uint64) option {
	return option{name: name, lower: func(r *lowering, _ *given) {
		r.emit(r.equal(r.ext6(header, field), r.value(n), false))
	}}
}

// ext6Length compares a header's length in bytes, which the header gives in
// units of 8 less one.
func ext6Length(name, header string) option {
	return option{name: name, args: 1, negate: true, lower: func(r *lowering, g *given) {
		n, ok := r.number(g.args[0], 0, 0xffffffff)
		switch {
		case !ok:
		case n%8 == 0 && n > 0 && n <= 2048:
			r.emit(r.equal(r.ext6(header, "hdrlength"), r.value(n/8-1), g.negated()))
		case !g.negated():
			r.never()
		default:
			r.lowerPresence(header)
		}
	}}
}

// lowerPresence asks for the header alone.
func (l *lowering) lowerPresence(header string) {
	l.emit(l.equal(l.ext6(header, "nexthdr"), l.between(bounds{0, 255}), false))
}

// lowerFragLen asks for the header alone: its length is always 8 bytes, and the
// kernel does not look at the one of the rule.
func lowerFragLen(r *lowering, g *given) {
	if _, ok := r.number(g.args[0], 0, 0xffffffff); ok {
		r.lowerPresence("frag")
	}
}

// lowerExt6 expresses a match that, without options, asks for the header alone.
func lowerExt6(r *lowering, x *use) {
	if len(x.given) == 0 {
		r.lowerPresence(x.ext.name)
	}
	r.each(x)
}

// mhTypes are the names of mobility messages (RFC 6275, RFC 5568).
var mhTypes = []bitName{
	{"binding-refresh-request", 0}, {"brr", 0}, {"home-test-init", 1}, {"hoti", 1}, {"careof-test-init", 2}, {"coti", 2},
	{"home-test", 3}, {"hot", 3}, {"careof-test", 4}, {"cot", 4}, {"binding-update", 5}, {"bu", 5},
	{"binding-acknowledgement", 6}, {"ba", 6}, {"binding-error", 7}, {"be", 7},
}

func lowerMH(r *lowering, g *given) {
	a, b, isRange := g.args[0].cut(":")
	if !isRange {
		if n, ok := r.mhType(a); ok {
			r.emit(r.equal(r.ext6("mh", "type"), r.value(n), g.negated()))
		}
		return
	}
	types, ok1, ok2 := bounds{0, 255}, true, true
	if a.text != "" {
		types.low, ok1 = r.mhType(a)
	}
	if b.text != "" {
		types.high, ok2 = r.mhType(b)
	}
	switch {
	case !ok1 || !ok2:
	case types.low > types.high:
		r.errorf(g.args[0].span, "the range of types %s runs backwards", g.args[0].text)
	default:
		r.emit(r.equal(r.ext6("mh", "type"), r.between(types), g.negated()))
	}
}

// mhType reads a type by name, by the beginning of one, or by number.
func (s *spec) mhType(w word) (uint64, bool) {
	for _, t := range mhTypes {
		if strings.EqualFold(t.name, w.text) {
			return t.bit, true
		}
	}
	for _, t := range mhTypes {
		if len(w.text) < len(t.name) && strings.EqualFold(t.name[:len(w.text)], w.text) {
			return t.bit, true
		}
	}
	return s.number(w, 0, 255)
}
