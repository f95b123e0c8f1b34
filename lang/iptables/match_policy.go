package iptables

import (
	"nfvm/nf"
	"nfvm/xt"
)

// policyMatch asks for the IPsec policy of a packet: --next divides the options
// of its transformations.
var policyMatch = extension{name: "policy", opts: []option{
	{name: "dir", args: 1, needed: true}, {name: "pol", args: 1}, {name: "strict"}, {name: "next", restarts: true},
	{name: "reqid", args: 1, negate: true}, {name: "spi", args: 1, negate: true}, {name: "proto", args: 1, negate: true},
	{name: "mode", args: 1, negate: true}, {name: "tunnel-src", args: 1, negate: true}, {name: "tunnel-dst", args: 1, negate: true},
}, lower: lowerPolicy}

// maxPolicyElems is XT_POLICY_MAX_ELEM.
const maxPolicyElems = 4

// lowerPolicy keeps what decides where there is no IPsec: whether the packet
// shall have a policy at all. The rest is read for its mistakes.
func lowerPolicy(r *lowering, x *use) {
	info := xt.Policy{}
	switch w := x.option("dir").args[0]; w.text {
	case "in":
		info.Flags |= xt.PolicyIn
		r.needs("--dir in", w, nf.HookPrerouting, nf.HookInput, nf.HookForward)
	case "out":
		info.Flags |= xt.PolicyOut
		r.needs("--dir out", w, nf.HookForward, nf.HookOutput, nf.HookPostrouting)
	default:
		r.errorf(w.span, "the direction is in or out")
	}
	info.Len = 1
	if g := x.option("pol"); g != nil {
		switch g.args[0].text {
		case "none":
			info.Flags, info.Len = info.Flags|xt.PolicyNone, 0
		case "ipsec":
		default:
			r.errorf(g.args[0].span, "the policy is none or ipsec")
		}
	}
	if g := x.option("strict"); g != nil {
		info.Flags |= xt.PolicyStrict
		if info.Flags&xt.PolicyNone != 0 {
			r.errorf(g.span, "--strict needs --pol ipsec")
		}
	}
	r.policyElems(x, info.Flags&xt.PolicyStrict != 0 && info.Len > 0)
	r.matchXT("policy", 0, &info)
}

// policyElems checks the transformations; if strict each must say something.
func (l *lowering) policyElems(x *use, strict bool) {
	says, tunnel, elems := 0, false, 1
	var address *given
	end := func(at span) {
		if strict && says == 0 {
			l.errorf(at, "with --strict each transformation needs one of --reqid, --spi, --proto, --mode, --tunnel-src and --tunnel-dst")
		}
		if address != nil && !tunnel {
			l.errorf(address.span, "--%s needs --mode tunnel", address.opt.name)
		}
		says, tunnel, address = 0, false, nil
	}
	for _, g := range x.given {
		switch g.opt.name {
		case "dir", "pol", "strict":
			continue
		case "next":
			if !x.has("strict") {
				l.errorf(g.span, "--next needs --strict")
			}
			if end(g.span); elems == maxPolicyElems {
				l.errorf(g.span, "a policy has at most %d transformations", maxPolicyElems)
			}
			elems++
			continue
		case "mode":
			tunnel = (g.args[0].text == "tunnel") != g.negated()
		case "tunnel-src", "tunnel-dst":
			address = g
		}
		says++
		l.policyValue(g)
	}
	end(x.at.span)
}

// policyValue checks what a transformation shall have.
func (l *lowering) policyValue(g *given) {
	w := g.args[0]
	switch g.opt.name {
	case "reqid", "spi":
		l.number(w, 0, 0xffffffff)
	case "proto":
		if n, ok := protocolNumber(w.text); !ok || n != protoESP && n != protoAH && n != protoIPComp {
			l.errorf(w.span, "the protocol of a transformation is esp, ah or ipcomp")
		}
	case "mode":
		if w.text != "tunnel" && w.text != "transport" {
			l.errorf(w.span, "the mode is tunnel or transport")
		}
	default:
		l.address(w)
	}
}
