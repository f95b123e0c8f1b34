package iptables

import (
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/xt"
)

// bridgeTargets are ebtables' targets; each ends with a verdict of its own.
var bridgeTargets = []extension{
	{name: "dnat", tables: []string{"nat", "broute"}, hooks: destHooks, opts: []option{
		{name: "to-destination", aliases: []string{"to-dst"}, args: 1}, {name: "dnat-target", args: 1},
	}, some: true, lower: func(r *lowering, x *use) {
		r.assignMAC(x.optionOr("to-destination", noMAC), "ether", "daddr")
		r.thenVerdict(x.option("dnat-target"))
	}},
	{name: "snat", tables: []string{"nat"}, hooks: hooksOf(nf.HookPostrouting), opts: []option{
		{name: "to-source", aliases: []string{"to-src"}, args: 1}, {name: "snat-target", args: 1},
		{name: "snat-arp"},
	}, some: true, lower: lowerBridgeSnat},
	{name: "redirect", tables: []string{"nat", "broute"}, hooks: hooksOf(nf.HookPrerouting), opts: []option{
		{name: "redirect-target", args: 1},
	}, lower: lowerBridgeRedirect},
	{name: "mark", opts: []option{
		{name: "mark-set", aliases: []string{"set-mark"}, args: 1}, {name: "mark-or", args: 1}, {name: "mark-and", args: 1}, {name: "mark-xor", args: 1},
		{name: "mark-target", args: 1},
	}, lower: lowerBridgeMark},
	traceTarget,
	{name: "arpreply", tables: []string{"nat"}, hooks: hooksOf(nf.HookPrerouting), opts: []option{
		{name: "arpreply-mac", args: 1}, {name: "arpreply-target", args: 1},
	}, lower: lowerARPReply},
}

// noMAC is the address that snat and dnat write unless one is given.
const noMAC = "00:00:00:00:00:00"

// optionOr is an option that was given, or what stands for it.
func (u *use) optionOr(name, text string) *given {
	if g := u.option(name); g != nil {
		return g
	}
	return &given{args: []word{{text: text, span: u.at.span}}, span: u.at.span}
}

// lowerBridgeSnat writes the source address, with --snat-arp that within ARP
// packets, too.
func lowerBridgeSnat(r *lowering, x *use) {
	to := x.optionOr("to-source", noMAC)
	if !x.has("snat-arp") {
		r.assignMAC(to, "ether", "saddr")
	} else if a, ok := r.macOf(to.args[0]); ok {
		r.targetXT("snat", 0, &xt.FrameMAC{MAC: a, Target: xt.EbtContinue &^ xt.SnatARP})
	}
	r.thenVerdict(x.option("snat-target"))
}

// ebtVerdicts are the verdicts that a target may end with, as the kernel has them.
var ebtVerdicts = map[string]int32{"ACCEPT": xt.EbtAccept, "DROP": xt.EbtDrop, "CONTINUE": xt.EbtContinue, "RETURN": xt.EbtReturn}

// lowerARPReply answers ARP requests; without an option the request is dropped.
func lowerARPReply(r *lowering, x *use) {
	info := xt.FrameMAC{Target: xt.EbtDrop}
	ok := true
	if g := x.option("arpreply-mac"); g != nil {
		info.MAC, ok = r.macOf(g.args[0])
	}
	if g := x.option("arpreply-target"); g != nil {
		var known bool
		if info.Target, known = ebtVerdicts[g.args[0].text]; !known {
			r.errorf(g.args[0].span, "the target is ACCEPT, DROP, CONTINUE or RETURN")
			ok = false
		}
	}
	if e := &r.ether; e.at.text == "" || e.not || e.length || e.typ != etherARP {
		r.incomplete(x.at.span, "arpreply needs -p ARP")
		return
	}
	if ok {
		r.targetXT("arpreply", 0, &info)
	}
}

// macOf reads an Ethernet address.
func (s *spec) macOf(w word) (to [6]byte, ok bool) {
	a, ok := etherMAC(w.text)
	if !ok {
		s.errorf(w.span, "%q is no MAC address", w.text)
	}
	copy(to[:], a)
	return to, ok
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
		n, ok := r.optionNumber(g.args[0])
		if !ok {
			return
		}
		n &= 0xffffffff
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
	if done == 0 && x.has("mark-target") { // the value is 0 unless given
		r.emit(r.assign(r.meta("mark"), r.value(0)))
		done++
	}
	if done != 1 {
		r.lacks(x, x.at.span, "mark needs one of --mark-set, --mark-or, --mark-and and --mark-xor")
		return
	}
	r.thenVerdict(x.option("mark-target"))
}
