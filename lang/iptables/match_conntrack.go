package iptables

import (
	"strconv"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
	"nfvm/xt"
)

// Bits of `ct state` and `ct status` (enum ip_conntrack_info as nft shows it,
// enum ip_conntrack_status).
const (
	stateInvalid     = 1
	stateEstablished = 2
	stateRelated     = 4
	stateNew         = 8
	stateUntracked   = 64

	statusExpected  = 1
	statusSeenReply = 2
	statusAssured   = 4
	statusConfirmed = 8
	statusSNAT      = 16
	statusDNAT      = 32
)

var conntrackMatches = []extension{
	{name: "state", opts: []option{
		{name: "state", args: 1, negate: true, needed: true, lower: func(r *lowering, g *given) {
			if bits, ok := r.bitList(g.args[0], stateBits); ok {
				r.emit(r.anyBit(r.ct("", "", "state"), bits, g.negated()))
			}
		}},
	}},
	{name: "conntrack", some: true, opts: []option{
		{name: "ctstate", args: 1, negate: true, lower: lowerCTState},
		{name: "ctproto", args: 1, negate: true, lower: lowerCTProto},
		ctAddress("ctorigsrc", "original", "saddr"), ctAddress("ctorigdst", "original", "daddr"),
		ctAddress("ctreplsrc", "reply", "saddr"), ctAddress("ctrepldst", "reply", "daddr"),
		ctPort("ctorigsrcport", "original", "proto-src"), ctPort("ctorigdstport", "original", "proto-dst"),
		ctPort("ctreplsrcport", "reply", "proto-src"), ctPort("ctrepldstport", "reply", "proto-dst"),
		{name: "ctstatus", args: 1, negate: true, lower: lowerCTStatus},
		{name: "ctexpire", args: 1, negate: true, lower: func(r *lowering, g *given) {
			b, ok := r.numbers(g.args[0], 0xffffffff)
			expire := r.ct("", "", "expiration")
			switch b = (bounds{min(b.low, maxExpire), min(b.high, maxExpire)}); {
			case !ok:
			case b.low > b.high && g.negated():
				r.emit(r.equal(expire, r.wholeSeconds(bounds{0, maxExpire}), false))
			case b.low > b.high:
				r.never()
			default:
				r.emit(r.equal(expire, r.wholeSeconds(b), g.negated()))
			}
		}},
		{name: "ctdir", args: 1, lower: lowerCTDir},
	}},
	{name: "connmark", opts: []option{
		{name: "mark", args: 1, negate: true, needed: true, lower: func(r *lowering, g *given) {
			if m, ok := r.maskedValue(g.args[0]); ok {
				r.emit(r.equal(r.masked(r.ct("", "", "mark"), uint64(m.mask), 0xffffffff), r.value(uint64(m.value)), g.negated()))
			}
		}},
	}},
	{name: "helper", opts: []option{
		{name: "helper", args: 1, negate: true, needed: true, lower: lowerHelper},
	}},
	{name: "connbytes", opts: []option{
		{name: "connbytes", args: 1, negate: true, needed: true},
		{name: "connbytes-dir", args: 1, needed: true},
		{name: "connbytes-mode", args: 1, needed: true},
	}, lower: lowerConnbytes},
	{name: "connlabel", opts: []option{
		{name: "label", args: 1, negate: true, needed: true},
		{name: "set"},
	}, lower: lowerConnlabel},
}

// maxExpire is beyond any timeout, in seconds; nft reads them as 32 bits of
// milliseconds.
const maxExpire = 1<<22 - 1

func lowerCTProto(r *lowering, g *given) {
	name := strings.ToLower(g.args[0].text)
	n, ok := protocolNumber(name)
	if !ok && name != "all" { // which is 0 here, the number of no packet
		r.errorf(g.args[0].span, "unknown protocol %s", g.args[0].text)
		return
	}
	proto, want := r.ct("original", "", "protocol"), r.value(uint64(n))
	if !g.negated() && r.proto.name.text != "" && r.proto.number != n {
		// The packet's own protocol is another, which nft takes for a mistake
		// where it sees that: it does not look into an order.
		r.emit(r.match(lang.OpGe, proto, want), r.match(lang.OpLe, proto, want))
		return
	}
	r.emit(r.equal(proto, want, g.negated()))
}

// ctAddress compares an address of the connection's tuple.
func ctAddress(name, dir, key string) option {
	return option{name: name, args: 1, negate: true, lower: func(r *lowering, g *given) {
		a, ok := r.network(g.args[0])
		switch {
		case !ok:
		case a.any() && !g.negated():
			r.tracked()
		default:
			r.compareAddress(r.ct(dir, r.ip(), key), a, g.negated())
		}
	}}
}

// ctPort compares a port of the connection's tuple.
func ctPort(name, dir, key string) option {
	return option{name: name, args: 1, negate: true, lower: func(r *lowering, g *given) {
		if p, ok := r.portNumbers(g.args[0]); ok {
			r.within(r.ct(dir, "", key), p, 0xffff, g.negated())
		}
	}}
}

func lowerCTDir(r *lowering, g *given) {
	dir := uint64(nf.DirOriginal)
	switch w := g.args[0]; {
	case strings.EqualFold(w.text, "ORIGINAL"):
	case strings.EqualFold(w.text, "REPLY"):
		dir = uint64(nf.DirReply)
	default:
		r.errorf(w.span, "a direction is ORIGINAL or REPLY")
		return
	}
	r.emit(r.equal(r.ct("", "", "direction"), r.value(dir), false))
}

// lowerConnbytes compares what a connection has carried, in one direction or in
// both.
func lowerConnbytes(r *lowering, x *use) {
	amount, dirArg, mode := x.option("connbytes"), x.option("connbytes-dir").args[0], x.option("connbytes-mode").args[0]
	b, ok := r.numbers(amount.args[0], 1<<64-1)
	exact := b.low == b.high
	if !strings.Contains(amount.args[0].text, ":") {
		b.high, exact = 1<<64-1, false
	}
	keys := map[string]string{"packets": "packets", "bytes": "bytes", "avgpkt": "avgpkt"}
	dirs := map[string]string{"original": "original", "reply": "reply", "both": ""}
	key, ok1 := keys[mode.text]
	dir, ok2 := dirs[dirArg.text]
	if !ok1 {
		r.errorf(mode.span, "the mode is packets, bytes or avgpkt")
	}
	if !ok2 {
		r.errorf(dirArg.span, "the direction is original, reply or both")
	}
	if ok && ok1 && ok2 {
		// The kernel exchanges the ends of a negated range, and so takes one that
		// holds a single number for the range itself.
		r.emit(r.equal(r.ct(dir, "", key), r.between(b), amount.negated() && !exact))
	}
}

// maxHelperName is what struct xt_helper_info has room for, nftHelperName what nft
// has, with a closing zero.
const (
	maxHelperName = 29
	nftHelperName = 16
)

// lowerHelper compares the helper of the connection's master. What has no master
// has no helper either, and there the kernel takes a negation for true, which
// nft does not; nor does nft say "any helper", which the empty name stands for.
func lowerHelper(r *lowering, g *given) {
	name := g.args[0]
	if len(name.text) > maxHelperName { // which iptables cuts off
		name.text = name.text[:maxHelperName]
	}
	if name.text != "" && len(name.text) < nftHelperName && !g.negated() {
		r.emit(r.equal(r.ct("", "", "helper"), r.str(name.text), false))
		return
	}
	info := xt.Helper{}
	if g.negated() {
		info.Invert = 1
	}
	copy(info.Name[:], name.text)
	r.matchXT("helper", 0, &info)
}

// lowerConnlabel compares a bit of the label; --set sets it first, which makes
// the match true of every tracked packet.
func lowerConnlabel(r *lowering, x *use) {
	g := x.option("label")
	n, ok := r.number(g.args[0], 0, 127)
	if !ok {
		return
	}
	if set := x.option("set"); set != nil {
		if g.negated() {
			r.errorf(set.span, "option --set of connlabel is not supported with a negated label")
			return
		}
		r.emit(r.assign(r.ct("", "", "label"), &lang.Symbol{Pos: r.pos(), Text: strconv.FormatUint(n, 10), Kind: lang.SymNumber}))
	}
	op := lang.OpImplicit
	if g.negated() {
		op = lang.OpNot
	}
	r.emit(r.match(op, r.ct("", "", "label"), &lang.Symbol{Pos: r.pos(), Text: strconv.FormatUint(n, 10), Kind: lang.SymNumber}))
}
