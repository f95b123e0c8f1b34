package iptables

import (
	"nfvm/nf"
	"nfvm/xt"
)

// headers6Matches ask for extension headers in ways that no expression does.
var headers6Matches = []extension{
	{name: "ah", family: nf.FamilyIPv6, opts: []option{
		{name: "ahspi", args: 1, negate: true}, {name: "ahlen", args: 1, negate: true}, {name: "ahres"},
	}, lower: lowerAH6},
	{name: "ipv6header", family: nf.FamilyIPv6, opts: []option{
		{name: "header", args: 1, negate: true, needed: true}, {name: "soft"},
	}, lower: lowerHeaders6},
}

func lowerAH6(r *lowering, x *use) {
	info := xt.AH6{SPIMax: 0xffffffff}
	ok := true
	if g := x.option("ahspi"); g != nil {
		b, good := r.numbers(g.args[0], 0xffffffff)
		info.SPIMin, info.SPIMax, ok = uint32(b.low), uint32(b.high), good
		info.Invert |= uint8(g.bit(xt.AHInvertSPI))
	}
	if g := x.option("ahlen"); g != nil {
		n, good := r.number(g.args[0], 0, 0xffffffff)
		info.Length, ok = uint32(n), ok && good
		info.Invert |= uint8(g.bit(xt.AHInvertLength))
	}
	if x.has("ahres") {
		info.Reserved = 1
	}
	if ok {
		r.matchXT("ah", 0, &info)
	}
}

// headerNames are the names of extension headers: iptables' own, those of
// protocols, and numbers.
var headerNames = map[string]uint8{
	"hop": xt.HeaderHop, "hop-by-hop": xt.HeaderHop, "hopopt": xt.HeaderHop, "HOPOPT": xt.HeaderHop, "0": xt.HeaderHop,
	"dst": xt.HeaderDst, "ipv6-opts": xt.HeaderDst, "IPv6-Opts": xt.HeaderDst, "60": xt.HeaderDst,
	"route": xt.HeaderRouting, "ipv6-route": xt.HeaderRouting, "IPv6-Route": xt.HeaderRouting, "43": xt.HeaderRouting,
	"frag": xt.HeaderFragment, "ipv6-frag": xt.HeaderFragment, "IPv6-Frag": xt.HeaderFragment, "44": xt.HeaderFragment,
	"auth": xt.HeaderAH, "ah": xt.HeaderAH, "IPSEC-AH": xt.HeaderAH, "51": xt.HeaderAH,
	"esp": xt.HeaderESP, "IPSEC-ESP": xt.HeaderESP, "50": xt.HeaderESP,
	"none": xt.HeaderNone, "ipv6-nonxt": xt.HeaderNone, "IPv6-NoNxt": xt.HeaderNone, "59": xt.HeaderNone,
	"prot": xt.HeaderProto, "protocol": xt.HeaderProto, "255": xt.HeaderProto,
}

func lowerHeaders6(r *lowering, x *use) {
	g := x.option("header")
	var info xt.Headers6
	ok := true
	for _, w := range g.args[0].split(",") {
		if w.text == "" {
			continue
		}
		bit := headerNames[w.text]
		if bit == 0 {
			r.errorf(w.span, "unknown header %s: hop, dst, route, frag, auth, esp, none or prot is expected", w.text)
			ok = false
		}
		info.Match |= bit
	}
	switch {
	case !ok:
		return
	case info.Match == 0:
		r.errorf(g.span, "a list of headers is expected")
		return
	}
	if g.negated() {
		info.Invert = 0xff
	}
	if x.has("soft") {
		info.Soft = 0xff
	}
	r.matchXT("ipv6header", 0, &info)
}
