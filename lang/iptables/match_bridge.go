package iptables

import (
	"cmp"
	"strings"

	"nfvm/nf"
	"nfvm/xt"
)

// bridgeMatches and those of IPsec speak of what no packet has here: a port of a
// bridge on its way through iptables, a transformation.
var bridgeMatches = []extension{
	{name: "physdev", opts: []option{
		{name: "physdev-in", args: 1, negate: true}, {name: "physdev-out", args: 1, negate: true},
		{name: "physdev-is-in", negate: true}, {name: "physdev-is-out", negate: true}, {name: "physdev-is-bridged", negate: true},
	}, lower: lowerPhysdev},
	policyMatch,
}

var physdevFlags = map[string]uint8{
	"physdev-in": xt.PhysdevIn, "physdev-out": xt.PhysdevOut, "physdev-is-in": xt.PhysdevIsIn,
	"physdev-is-out": xt.PhysdevIsOut, "physdev-is-bridged": xt.PhysdevBridged,
}

func lowerPhysdev(r *lowering, x *use) {
	info := xt.Physdev{}
	for _, g := range x.given {
		flag := physdevFlags[g.opt.name]
		info.Options |= flag
		if g.negated() {
			info.Invert |= flag
		}
		switch flag {
		case xt.PhysdevIn:
			r.ifaceMask(g.args[0], &info.In, &info.InMask)
		case xt.PhysdevOut:
			r.ifaceMask(g.args[0], &info.Out, &info.OutMask)
		}
	}
	if info.Options == 0 {
		r.lacks(x, x.at.span, "physdev needs one of its options")
		return
	}
	bridged := info.Options&^info.Invert&xt.PhysdevBridged != 0
	if g := cmp.Or(x.option("physdev-out"), x.option("physdev-is-out")); g != nil && !bridged {
		r.needs("--"+g.opt.name+" without --physdev-is-bridged", g.name, nf.HookPrerouting, nf.HookInput, nf.HookForward, nf.HookPostrouting)
	}
	r.matchXT("physdev", 0, &info)
}

// ifaceMask gives a name with the mask of the bytes that count.
func (l *lowering) ifaceMask(w word, name, mask *[nf.IfNameSize]byte) {
	if len(w.text) >= nf.IfNameSize {
		l.errorf(w.span, "an interface's name has at most %d characters", nf.IfNameSize-1)
		return
	}
	text, wild := strings.CutSuffix(w.text, "+")
	n := copy(name[:], text)
	if !wild && text != "" { // no name at all is that of any interface
		n++
	}
	for i := range n {
		mask[i] = 0xff
	}
}
