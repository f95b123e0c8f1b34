package iptables

import (
	"nfvm/lang"
	"nfvm/nf"
)

// bridgeTargets are ebtables' targets; each ends with a verdict of its own.
var bridgeTargets = []extension{
	{name: "dnat", tables: []string{"nat", "broute"}, hooks: destHooks, opts: []option{
		{name: "to-destination", aliases: []string{"to-dst"}, args: 1, needed: true}, {name: "dnat-target", args: 1},
	}, lower: func(r *lowering, x *use) {
		r.assignMAC(x.option("to-destination"), "ether", "daddr")
		r.thenVerdict(x.option("dnat-target"))
	}},
	{name: "snat", tables: []string{"nat"}, hooks: hooksOf(nf.HookPostrouting), opts: []option{
		{name: "to-source", aliases: []string{"to-src"}, args: 1, needed: true}, {name: "snat-target", args: 1},
		{name: "snat-arp", refuse: "the addresses within ARP are not changed along with those of the frame"},
	}, lower: func(r *lowering, x *use) {
		r.assignMAC(x.option("to-source"), "ether", "saddr")
		r.thenVerdict(x.option("snat-target"))
	}},
	{name: "redirect", tables: []string{"nat", "broute"}, hooks: hooksOf(nf.HookPrerouting), opts: []option{
		{name: "redirect-target", args: 1},
	}, lower: lowerBridgeRedirect},
	{name: "mark", opts: []option{
		{name: "mark-set", aliases: []string{"set-mark"}, args: 1}, {name: "mark-or", args: 1}, {name: "mark-and", args: 1}, {name: "mark-xor", args: 1},
		{name: "mark-target", args: 1},
	}, lower: lowerBridgeMark},
	{name: "arpreply", refuse: "ARP requests are not answered by rules"},
}

// lowerBridgeRedirect takes a frame for the bridge itself: its address becomes
// that of the bridge.
func lowerBridgeRedirect(r *lowering, x *use) {
	r.emit(r.assign(r.field("ether", "daddr"), r.meta("ibrhwaddr")), r.assign(r.meta("pkttype"), r.value(0)))
	r.thenVerdict(x.option("redirect-target"))
}

func lowerBridgeMark(r *lowering, x *use) {
	done := 0
	for _, g := range x.given {
		if g.opt.name == "mark-target" {
			continue
		}
		n, ok := r.number(g.args[0], 0, 0xffffffff)
		if !ok {
			return
		}
		done++
		mark := r.meta("mark")
		value := r.value(n)
		switch g.opt.name {
		case "mark-or":
			value = r.binary(lang.OpOr, mark, value)
		case "mark-and":
			value = r.binary(lang.OpAnd, mark, value)
		case "mark-xor":
			value = r.binary(lang.OpXor, mark, value)
		}
		r.emit(r.assign(mark, value))
	}
	if done != 1 {
		r.lacks(x, x.at.span, "mark needs one of --mark-set, --mark-or, --mark-and and --mark-xor")
		return
	}
	r.thenVerdict(x.option("mark-target"))
}
