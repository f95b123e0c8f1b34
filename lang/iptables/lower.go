package iptables

import (
	"slices"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

// A lowering expresses one rule.
type lowering struct {
	*spec
	build // of the option under work
	out   rule
	stmts []lang.Stmt
	note  word // the comment
}

func (l *lowering) emit(s ...lang.Stmt) { l.stmts = append(l.stmts, s...) }

// ip is the name of the network header.
func (l *lowering) ip() string {
	if l.family == nf.FamilyIPv6 {
		return "ip6"
	}
	return "ip"
}

// rule expresses the line for one source and one destination: what the rule
// itself matches, then the matches in order, the counter, and the target.
func (l *lowering) rule(src, dst addrArg) *rule {
	l.dialect.head(l, src, dst)
	for _, u := range l.matches {
		l.use(u)
	}
	l.build = build{l.line}
	l.emit(&lang.Counter{Pos: l.pos(), Packets: l.num(l.packets), Bytes: l.num(l.octets)})
	l.lowerTarget()
	l.out.tree = &lang.Rule{Pos: lang.Pos{Span: l.line}, Stmts: l.stmts, Text: l.text()}
	if l.note.text != "" {
		l.out.tree.Comment = lang.Word{Pos: lang.Pos{Span: l.note.span}, Text: l.note.text, Quoted: true}
	}
	out := l.out // alone: the lowering and its words are not needed longer
	return &out
}

// text is the line as it was written.
func (l *lowering) text() string { return string(l.file.Sources.Text(l.line)) }

// use expresses one extension.
func (l *lowering) use(u *use) {
	if u.broken || u.ext.refuse != "" || slices.ContainsFunc(u.given, func(g *given) bool { return g.opt.refuse != "" }) {
		return
	}
	l.build = build{u.at.span}
	if len(u.given) > 0 {
		l.at = u.at.span.To(u.given[len(u.given)-1].span)
		if u.given[0].span.Start < u.at.span.Start {
			l.at = u.given[0].span.To(u.given[len(u.given)-1].span)
		}
	}
	if u.ext.hooks != 0 {
		l.out.needs = append(l.out.needs, need{u.ext.name, u.ext.hooks, u.at.span})
	}
	if u.ext.lower != nil {
		u.ext.lower(l, u)
		return
	}
	l.each(u)
}

// each expresses the options of an extension one by one.
func (l *lowering) each(u *use) {
	for _, g := range u.given {
		if g.opt.lower != nil {
			l.build = build{g.span}
			g.opt.lower(l, g)
		}
	}
}

// ipHead expresses what a rule of iptables itself matches.
func ipHead(l *lowering, src, dst addrArg) {
	l.matchAddress("saddr", src, l.srcNot)
	l.matchAddress("daddr", dst, l.dstNot)
	l.matchInterface("iifname", l.inIface)
	l.matchInterface("oifname", l.outIface)
	l.matchProtocol()
	if l.frag != nil {
		l.emit(l.equal(l.fragmentOffset(), l.value(0), !l.fragNot))
	}
}

func (l *lowering) fragmentOffset() lang.Expr {
	return l.binary(lang.OpAnd, l.field("ip", "frag-off"), l.value(0x1fff))
}

// never adds a match that no packet of the family fulfils: for options whose
// negation leaves nothing.
func (l *lowering) never() {
	if l.dialect.innerNot { // frames of any protocol
		l.emit(l.equal(l.meta("mark"), l.value(0), false), l.equal(l.meta("mark"), l.value(0), true))
		return
	}
	version := uint64(4)
	if l.family == nf.FamilyIPv6 {
		version = 6
	}
	l.emit(l.match(lang.OpNeq, l.field(l.ip(), "version"), l.value(version)))
}

// matchAddress compares an address field.
func (l *lowering) matchAddress(field string, a addrArg, not bool) {
	if a.addr == nil {
		return
	}
	l.build = build{a.at.span}
	l.compareAddress(l.field(l.ip(), field), a, not)
}

// compareAddress compares an address with one under a mask.
func (l *lowering) compareAddress(x lang.Expr, a addrArg, not bool) {
	n, isPrefix := a.prefix()
	switch {
	case a.any() && not:
		l.never()
	case a.any():
	case !isPrefix:
		l.emit(l.equal(l.binary(lang.OpAnd, x, l.addr(a.mask)), l.addr(a.addr), not))
	case n == 8*len(a.addr):
		l.emit(l.equal(x, l.addr(a.addr), not))
	default:
		l.emit(l.equal(x, &lang.Prefix{Pos: l.pos(), Addr: l.addr(a.addr), Len: l.num(uint64(n))}, not))
	}
}

// matchInterface compares the name of an interface. A packet without that
// interface has an empty name.
func (l *lowering) matchInterface(key string, a ifaceArg) {
	if a.name.text == "" {
		return
	}
	l.build = build{a.name.span}
	name, wild := strings.CutSuffix(a.name.text, "+")
	switch {
	case wild && name == "" && a.not:
		l.never()
	case wild && name == "":
	case wild:
		l.emit(l.equal(l.meta(key), &lang.Symbol{Pos: l.pos(), Text: name + "*", Kind: lang.SymQuoted}, a.not))
	default:
		l.emit(l.equal(l.meta(key), l.str(name), a.not))
	}
}

func (l *lowering) matchProtocol() {
	if l.proto.name.text == "" || l.proto.any {
		return
	}
	l.build = build{l.proto.name.span}
	l.emit(l.equal(l.meta("l4proto"), l.value(uint64(l.proto.number)), l.proto.not))
}

// lowerTarget adds the verdict or the target.
func (l *lowering) lowerTarget() {
	if !l.jump {
		return
	}
	if l.target != nil {
		l.use(l.target)
		return
	}
	w := l.dest
	l.build = build{w.span}
	if l.goTo {
		l.toChain(w, lang.VerdictGoto)
		return
	}
	if bridge := l.dialect.userPolicy != nil; w.text == "CONTINUE" && !bridge || w.text == "QUEUE" && bridge {
		l.toChain(w, lang.VerdictJump)
		return
	}
	switch w.text {
	case "ACCEPT":
		l.emit(l.end(lang.VerdictAccept, ""))
	case "DROP":
		l.drop()
	case "RETURN":
		l.emit(l.end(lang.VerdictReturn, ""))
	case "CONTINUE":
	case "QUEUE":
		l.emit(&lang.Queue{Pos: l.pos(), Num: l.value(0)})
	default:
		l.toChain(w, lang.VerdictJump)
	}
}

// toChain goes on in a chain of the user, which iptables must know by now.
func (l *lowering) toChain(w word, kind lang.VerdictKind) {
	l.out.jumps = append(l.out.jumps, jump{w.text, w.span, l.cur.chains[w.text] == nil, l.goTo})
	l.emit(l.end(kind, w.text))
}

// drop drops the packet; in the table broute of ebtables that means to route it.
func (l *lowering) drop() {
	if l.family == nf.FamilyBridge && l.cur.name == "broute" {
		l.emit(l.assign(l.meta("broute"), l.value(1)), l.end(lang.VerdictAccept, ""))
		return
	}
	if l.dialect.commits && l.cur.name == "nat" {
		l.errorf(l.dest.span, "table nat does not filter: use DROP in table filter")
	}
	l.emit(l.end(lang.VerdictDrop, ""))
}

// needs notes the hooks that what the rule uses is bound to.
func (l *lowering) needs(what string, at word, hooks ...nf.Hook) {
	l.out.needs = append(l.out.needs, need{what, hooksOf(hooks...), at.span})
}
