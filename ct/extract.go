package ct

import (
	"encoding/binary"

	"nfvm/nf"
	"nfvm/packet"
)

var be = binary.BigEndian

// A header is a packet's network part with the place of its transport header.
type header struct {
	ip     []byte // from the network header on, trimmed to its stated length
	family nf.Family
	proto  uint8
	l4     []byte // from the transport header on
	summed bool   // the transport checksum was verified, and is right
}

// locate finds the transport header. It fails for later fragments, for IPv6
// without next header and for damaged header chains.
func (h *header) locate(ip []byte, family nf.Family) bool {
	h.ip, h.family = ip, family
	if family == nf.FamilyIPv4 {
		return h.locate4()
	}
	return family == nf.FamilyIPv6 && h.locate6()
}

// trim cuts ip at the length that its header states, where that is less.
func trim(ip []byte, family nf.Family) []byte {
	n := len(ip)
	switch {
	case family == nf.FamilyIPv4 && n >= 20:
		n = int(be.Uint16(ip[2:]))
	case family == nf.FamilyIPv6 && n >= 40:
		if payload := int(be.Uint16(ip[4:])); payload != 0 {
			n = 40 + payload
		}
	}
	return ip[:min(n, len(ip))]
}

func (h *header) locate4() bool {
	if len(h.ip) < 20 || be.Uint16(h.ip[6:])&0x1fff != 0 {
		return false
	}
	off := int(h.ip[0]&15) * 4
	if off > len(h.ip) {
		return false
	}
	h.proto, h.l4 = h.ip[9], h.ip[off:]
	return true
}

// locate6 walks the extension headers.
func (h *header) locate6() bool {
	if len(h.ip) < packet.IPv6Size {
		return false
	}
	at, ok := packet.SkipExtHeaders6(h.ip, packet.IPv6Size, h.ip[6])
	if !ok || at.FragOffset != 0 {
		return false
	}
	h.proto, h.l4 = at.Proto, h.ip[min(at.Offset, len(h.ip)):]
	return true
}

// GRE's version field and the protocol number that PPTP puts into version 1
// (RFC 2637).
const (
	greVersionMask = 7
	greVersionPPTP = 1
	greProtoPPP    = 0x880b
)

// TupleOf gives the tuple of a packet in the packet's own direction. It fails
// for later fragments and for packets whose headers are cut off.
func TupleOf(p *packet.Packet) (Tuple, bool) {
	var h header
	if !h.locate(trim(p.IP(), p.Family), p.Family) {
		return Tuple{}, false
	}
	return h.tuple()
}

// tuple gives the tuple of the packet, in the packet's direction.
func (h *header) tuple() (t Tuple, ok bool) {
	t.L3, t.L4 = uint8(h.family), h.proto
	h.addrs(&t.Src, &t.Dst)
	switch h.proto {
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoSCTP:
		if len(h.l4) < 4 {
			return t, false
		}
		t.SrcID, t.DstID = be.Uint16(h.l4), be.Uint16(h.l4[2:])
	case nf.ProtoICMP, nf.ProtoICMPv6:
		if len(h.l4) < 8 {
			return t, false
		}
		t.SrcID, t.DstID = be.Uint16(h.l4[4:]), be.Uint16(h.l4)
	case nf.ProtoGRE:
		return t, h.greTuple(&t)
	}
	return t, true
}

// greTuple fills the keys of version 1; the source key of PPTP comes from the
// control connection and is 0 without one. Other versions have no keys.
func (h *header) greTuple(t *Tuple) bool {
	if len(h.l4) < 8 || h.l4[1]&greVersionMask != greVersionPPTP {
		return true
	}
	if be.Uint16(h.l4[2:]) != greProtoPPP {
		return false
	}
	t.DstID = be.Uint16(h.l4[6:])
	return true
}
