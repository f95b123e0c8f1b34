package iptables

import (
	"nfvm/nf"
	"nfvm/xt"
)

var osfMatches = []extension{
	{name: "osf", family: nf.FamilyIPv4, protos: []uint8{protoTCP}, hooks: hooksOf(nf.HookPrerouting, nf.HookInput, nf.HookForward), opts: []option{
		{name: "genre", args: 1, negate: true, needed: true}, {name: "ttl", args: 1},
		{name: "log", args: 1, refuse: "what a packet looks like is not logged"},
	}, lower: lowerOSF},
}

// lowerOSF fills in a comparison with fingerprints. The kernel's match takes no
// notice of a negation.
func lowerOSF(r *lowering, x *use) {
	info := xt.OSF{Flags: xt.OSFGenre}
	g := x.option("genre")
	if len(g.args[0].text) >= len(info.Genre) {
		r.errorf(g.span, "the name of a system has at most %d letters", len(info.Genre)-1)
		return
	}
	info.Len = uint32(copy(info.Genre[:], g.args[0].text))
	if g.negated() {
		info.Flags |= xt.OSFInvert
	}
	if ttl := x.option("ttl"); ttl != nil {
		n, _ := r.number(ttl.args[0], 0, 2)
		info.TTL, info.Flags = uint32(n), info.Flags|xt.OSFTTL
	}
	r.matchXT("osf", 0, &info)
}
