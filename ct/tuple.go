package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// A Tuple identifies one direction of a flow (struct nf_conntrack_tuple). It
// is comparable and holds no pointers; parts that a protocol does not use are
// zero.
//
// SrcID and DstID are in host order: ports for TCP, UDP, UDP-Lite and SCTP;
// identifier and type<<8|code for ICMP and ICMPv6; keys for GRE.
type Tuple struct {
	Src, Dst     packet.Addr
	SrcID, DstID uint16
	L3           uint8 // 2 for IPv4, 10 for IPv6 (AF_INET, AF_INET6)
	L4           uint8 // IP protocol number
}

// ICMPType gives the message type of an ICMP or ICMPv6 tuple.
func (t *Tuple) ICMPType() uint8 { return uint8(t.DstID >> 8) }

// ICMPCode gives the message code of an ICMP or ICMPv6 tuple.
func (t *Tuple) ICMPCode() uint8 { return uint8(t.DstID) }

// Pairs of ICMP requests and replies (RFC 792, RFC 950) and of ICMPv6 ones
// (RFC 4443, RFC 4620): the reply to a request and the request of a reply.
var (
	icmpInverse   = map[uint8]uint8{8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17}
	icmpv6Inverse = map[uint8]uint8{128: 129, 129: 128, 139: 140, 140: 139}
)

// Invert gives the tuple of the answers to t. It fails for ICMP messages that
// are neither request nor reply.
func (t *Tuple) Invert() (Tuple, bool) {
	inv := Tuple{Src: t.Dst, Dst: t.Src, L3: t.L3, L4: t.L4}
	switch t.L4 {
	case nf.ProtoICMP:
		return inv.invertICMP(t, icmpInverse)
	case nf.ProtoICMPv6:
		return inv.invertICMP(t, icmpv6Inverse)
	}
	inv.SrcID, inv.DstID = t.DstID, t.SrcID
	return inv, true
}

func (t Tuple) invertICMP(of *Tuple, pairs map[uint8]uint8) (Tuple, bool) {
	typ, ok := pairs[of.ICMPType()]
	t.SrcID = of.SrcID
	t.DstID = uint16(typ)<<8 | uint16(of.ICMPCode())
	return t, ok
}
