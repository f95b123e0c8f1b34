package nat

import (
	"bytes"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// A Manip says which side of a packet is translated (enum nf_nat_manip_type).
type Manip uint8

const (
	Src Manip = iota
	Dst
)

// String gives the nft statement for the manipulation.
func (m Manip) String() string {
	if m == Src {
		return "snat"
	}
	return "dnat"
}

// ManipOf gives what is translated at a hook for packets in the original
// direction.
func ManipOf(h nf.Hook) Manip {
	if h == nf.HookPostrouting || h == nf.HookInput {
		return Src
	}
	return Dst
}

// done is the status bit that says that the manipulation was decided.
func (m Manip) done() nf.CTStatus {
	if m == Src {
		return nf.CTStatusSrcNATDone
	}
	return nf.CTStatusDstNATDone
}

// changed is the status bit that says that the manipulation changes packets.
func (m Manip) changed() nf.CTStatus {
	if m == Src {
		return nf.CTStatusSrcNAT
	}
	return nf.CTStatusDstNAT
}

// Flags of a range (NF_NAT_RANGE_).
const (
	FlagMapIPs         uint32 = 1 << 0 // addresses are given
	FlagPorts          uint32 = 1 << 1 // ports are given (PROTO_SPECIFIED)
	FlagRandom         uint32 = 1 << 2 // `random`
	FlagPersistent     uint32 = 1 << 3 // `persistent`
	FlagRandomFully    uint32 = 1 << 4 // `fully-random`
	FlagPortOffset     uint32 = 1 << 5 // ports shifted by BasePort (PROTO_OFFSET)
	FlagNetmap         uint32 = 1 << 6 // `prefix`
	flagRandomOfAnyWay        = FlagRandom | FlagRandomFully
)

// A Range is what a rule allows a translation to choose from (struct
// nf_nat_range2). Ports are in host order; for ICMP they are identifiers.
type Range struct {
	Flags            uint32
	MinAddr, MaxAddr packet.Addr
	MinPort, MaxPort uint16
	BasePort         uint16
}

func (r *Range) random() bool { return r.Flags&flagRandomOfAnyWay != 0 }

// Netmap narrows the range, which must span a whole prefix, to the one address
// that keeps the host part of addr.
func (r *Range) Netmap(addr packet.Addr) {
	for i := range addr {
		mask := ^(r.MinAddr[i] ^ r.MaxAddr[i])
		addr[i] = addr[i]&^mask | r.MinAddr[i]&mask
	}
	r.MinAddr, r.MaxAddr = addr, addr
}

// holds reports whether the source of t lies in the range.
func (r *Range) holds(t *ct.Tuple) bool {
	if r.Flags&FlagMapIPs != 0 &&
		(bytes.Compare(t.Src[:], r.MinAddr[:]) < 0 || bytes.Compare(t.Src[:], r.MaxAddr[:]) > 0) {
		return false
	}
	return r.Flags&FlagPorts == 0 || r.holdsPort(t, Src)
}

// holdsPort reports whether the port or identifier of t lies in the range;
// protocols without one always do.
func (r *Range) holdsPort(t *ct.Tuple, m Manip) bool {
	var n uint16
	switch t.L4 {
	case nf.ProtoICMP, nf.ProtoICMPv6:
		n = t.SrcID
	case nf.ProtoGRE, nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoSCTP:
		n = *key(t, m)
	default:
		return true
	}
	return n >= r.MinPort && n <= r.MaxPort
}

// key is the 16-bit part of t that a manipulation changes; an ICMP message has
// one identifier for both.
func key(t *ct.Tuple, m Manip) *uint16 {
	if m == Src || t.L4 == nf.ProtoICMP || t.L4 == nf.ProtoICMPv6 {
		return &t.SrcID
	}
	return &t.DstID
}
