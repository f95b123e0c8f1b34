package vm

import (
	"encoding/binary"
	"fmt"

	"nfvm/nf"
	"nfvm/packet"
	"nfvm/xt"
)

// xtHMark sets the mark to a hash of addresses, ports and protocol, the same for
// both directions.
type xtHMark struct{ xt.HMark }

func loadHMark(_ *loader, info []byte) (xtTarget, error) {
	t := &xtHMark{}
	if err := xt.Decode(info, &t.HMark); err != nil {
		return nil, err
	}
	if t.Mod == 0 {
		return nil, fmt.Errorf("a modulus of 0")
	}
	return t, nil
}

// A hashTuple is what the mark is made from.
type hashTuple struct {
	src, dst, ports uint32
	proto           uint8
}

func (t *xtHMark) target(m *Machine) nf.Verdict {
	var h hashTuple
	ok := false
	switch {
	case t.Flags&xt.HMarkCT != 0:
		ok = t.connection(m, &h)
	case m.p.EtherType == nf.EtherTypeIPv6:
		ok = t.packet6(m.p.IP(), &h)
	case m.p.EtherType == nf.EtherTypeIPv4:
		ok = t.packet4(m.p.IP(), &h)
	}
	if ok {
		m.p.Mark = t.hash(&h)
	}
	return nf.Continue
}

func (t *xtHMark) hash(h *hashTuple) uint32 {
	initial := 0xdeadbeef + 12 + t.Rnd // 12 bytes, as for jhash
	v := jhashFinal(min(h.src, h.dst)+initial, max(h.src, h.dst)+initial, h.ports+initial)
	v ^= uint32(uint16(h.proto) & t.ProtoMask)
	return scale(v, t.Mod) + t.Offset
}

// address makes one word of what counts of an address of 4 or 16 bytes.
func (t *xtHMark) address(a []byte, mask *xt.Addr) (v uint32) {
	for i := 0; i < len(a); i += 4 {
		v ^= binary.BigEndian.Uint32(a[i:]) & binary.BigEndian.Uint32(mask[i:])
	}
	return v
}

func (t *xtHMark) ports(h *hashTuple, b []byte) {
	v := binary.BigEndian.Uint32(b)&binary.BigEndian.Uint32(t.PortMask[:]) | binary.BigEndian.Uint32(t.PortSet[:])
	src, dst := v>>16, v&0xffff
	h.ports = max(src, dst)<<16 | min(src, dst)
}

// connection takes the addresses and ports of those who speak with each other,
// before NAT: false for a packet without a connection.
func (t *xtHMark) connection(m *Machine, h *hashTuple) bool {
	e := m.entry()
	if e == nil {
		return false
	}
	a, b := &e.Tuple[nf.DirOriginal], &e.Tuple[nf.DirReply]
	size := 4
	if m.p.EtherType == nf.EtherTypeIPv6 {
		size = 16
	}
	h.src, h.dst = t.address(a.Src[:size], &t.SrcMask), t.address(b.Src[:size], &t.DstMask)
	if t.Flags&xt.HMarkL3 != 0 {
		return true
	}
	if h.proto = a.L4; h.proto != nf.ProtoICMP {
		var ids [4]byte
		binary.BigEndian.PutUint16(ids[:], a.SrcID)
		binary.BigEndian.PutUint16(ids[2:], b.SrcID)
		t.ports(h, ids[:])
	}
	return true
}

// packet4 takes what an IPv4 packet says, or the one that an ICMP error quotes.
func (t *xtHMark) packet4(b []byte, h *hashTuple) bool {
	if len(b) < packet.IPv4Size {
		return false
	}
	if b[9] == nf.ProtoICMP {
		at := int(b[0]&15) * 4
		if len(b) >= at+8 && isError4(b[at]) {
			if b = b[at+8:]; len(b) < packet.IPv4Size {
				return false
			}
		}
	}
	h.src, h.dst = t.address(b[12:16], &t.SrcMask), t.address(b[16:20], &t.DstMask)
	if t.Flags&xt.HMarkL3 != 0 {
		return true
	}
	const fragment = 0x3fff // more fragments, and the offset
	if h.proto = b[9]; h.proto != nf.ProtoICMP && binary.BigEndian.Uint16(b[6:])&fragment == 0 {
		t.transport(b, int(b[0]&15)*4, h)
	}
	return true
}

// isError4 tells the types of ICMP errors (icmp_is_err).
func isError4(typ uint8) bool { return typ == 3 || typ == 4 || typ == 5 || typ == 11 || typ == 12 }

// packet6 takes what an IPv6 packet says, or the one that an ICMPv6 error quotes.
// One whose headers can't be walked through has the mark of nothing.
func (t *xtHMark) packet6(b []byte, h *hashTuple) bool {
	l4, ok := packet.FindTransport6(b)
	if !ok {
		return true
	}
	if l4.FragHeader == 0 && l4.Proto == nf.ProtoICMPv6 && len(b) >= l4.Offset+8 && b[l4.Offset] > 0 && b[l4.Offset] < 128 {
		b = b[l4.Offset+8:]
		if l4, ok = packet.FindTransport6(b); !ok || b[0]>>4 != 6 {
			return false
		}
	}
	h.src, h.dst = t.address(b[8:24], &t.SrcMask), t.address(b[24:40], &t.DstMask)
	if t.Flags&xt.HMarkL3 != 0 {
		return true
	}
	if h.proto = l4.Proto; h.proto != nf.ProtoICMPv6 && l4.FragHeader == 0 {
		t.transport(b, l4.Offset, h)
	}
	return true
}

// transport takes the ports, or the index of IPsec, of a transport header.
func (t *xtHMark) transport(b []byte, at int, h *hashTuple) {
	switch h.proto {
	case nf.ProtoAH:
		at += 4
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoDCCP, nf.ProtoESP, nf.ProtoSCTP, nf.ProtoUDPLite:
	default:
		return
	}
	if at+4 <= len(b) {
		t.ports(h, b[at:])
	}
}
