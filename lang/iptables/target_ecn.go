package iptables

import "nfvm/xt"

// lowerECN sets the bits of explicit congestion notification in the headers of IP
// and TCP (RFC 3168).
func lowerECN(r *lowering, x *use) {
	info := xt.ECN{}
	ok := true
	bit := func(g *given, most uint64) uint8 {
		n, good := r.number(g.args[0], 0, most)
		ok = ok && good
		return uint8(n)
	}
	for _, g := range x.given {
		r.build = build{g.span}
		switch g.opt.name {
		case "ecn-tcp-remove":
			info.Operation |= xt.ECNSetECE | xt.ECNSetCWR
		case "ecn-tcp-ece":
			info.Operation |= xt.ECNSetECE
			info.TCP |= bit(g, 1)
		case "ecn-tcp-cwr":
			info.Operation |= xt.ECNSetCWR
			info.TCP |= bit(g, 1) << 1
		case "ecn-ip-ect":
			info.Operation |= xt.ECNSetIP
			info.IP = bit(g, 3)
		}
	}
	if tcp := info.Operation&^xt.ECNSetIP != 0; tcp && (r.proto.name.text == "" || r.proto.not || r.proto.number != protoTCP) {
		r.incomplete(x.at.span, "ECN needs -p tcp")
		return
	}
	if ok {
		r.targetXT("ECN", 0, &info)
	}
}
