package ct

import (
	"encoding/binary"
	"net/netip"

	"nfvm/nf"
	"nfvm/packet"
)

// Addresses of the two hosts, a and b, on either side of the tracker.
var (
	a4, b4 = netip.MustParseAddr("10.1.0.2"), netip.MustParseAddr("10.2.0.2")
	a6, b6 = netip.MustParseAddr("fd01::2"), netip.MustParseAddr("fd02::2")
)

// ip builds an IP packet around a transport packet.
func ip(src, dst netip.Addr, proto uint8, body []byte) []byte {
	if src.Is6() {
		h := make([]byte, 40, 40+len(body))
		h[0], h[6], h[7] = 0x60, proto, 64
		be.PutUint16(h[4:], uint16(len(body)))
		copy(h[8:], src.AsSlice())
		copy(h[24:], dst.AsSlice())
		return append(h, body...)
	}
	h := make([]byte, 20, 20+len(body))
	h[0], h[8], h[9] = 0x45, 64, proto
	be.PutUint16(h[2:], uint16(20+len(body)))
	h[5] = 1
	copy(h[12:], src.AsSlice())
	copy(h[16:], dst.AsSlice())
	be.PutUint16(h[10:], packet.Checksum(h))
	return append(h, body...)
}

// sum puts the checksum of body, pseudo header included, at offset at.
func sum(src, dst netip.Addr, proto uint8, body []byte, at int) {
	be.PutUint16(body[at:], 0)
	s := packet.Sum16(body)
	if proto != nf.ProtoICMP {
		f := nf.FamilyIPv4
		if src.Is6() {
			f = nf.FamilyIPv6
		}
		s1, d1 := packet.AddrFrom(src), packet.AddrFrom(dst)
		s += packet.PseudoSum(f, &s1, &d1, proto, len(body))
	}
	be.PutUint16(body[at:], ^packet.Fold(s))
}

func ports(src, dst uint16, rest ...byte) []byte {
	return append(be.AppendUint16(be.AppendUint16(nil, src), dst), rest...)
}

func udpPacket(src, dst netip.Addr, sp, dp uint16, size int) []byte {
	u := append(ports(sp, dp, 0, 0, 0, 0), make([]byte, size)...)
	be.PutUint16(u[4:], uint16(len(u)))
	sum(src, dst, nf.ProtoUDP, u, 6)
	return ip(src, dst, nf.ProtoUDP, u)
}

// A tcpSpec is what varies between segments; win 0 means 1000, noWin means 0.
type tcpSpec struct {
	flags    uint8
	seq, ack uint32
	win      int
	size     int
	options  []byte
}

const noWin = -1

func tcpPacket(src, dst netip.Addr, sp, dp uint16, s tcpSpec) []byte {
	options := append([]byte{}, s.options...)
	for len(options)%4 != 0 {
		options = append(options, 0)
	}
	b := ports(sp, dp)
	b = be.AppendUint32(be.AppendUint32(b, s.seq), s.ack)
	win := uint16(s.win)
	switch s.win {
	case 0:
		win = 1000
	case noWin:
		win = 0
	}
	b = append(b, uint8(5+len(options)/4)<<4, s.flags)
	b = append(be.AppendUint16(b, win), 0, 0, 0, 0)
	b = append(append(b, options...), make([]byte, s.size)...)
	sum(src, dst, nf.ProtoTCP, b, 16)
	return ip(src, dst, nf.ProtoTCP, b)
}

func icmpPacket(src, dst netip.Addr, typ, code uint8, id uint16, data []byte) []byte {
	b := append([]byte{typ, code, 0, 0, byte(id >> 8), byte(id), 0, 1}, data...)
	proto := uint8(nf.ProtoICMP)
	if src.Is6() {
		proto = nf.ProtoICMPv6
	}
	sum(src, dst, proto, b, 2)
	return ip(src, dst, proto, b)
}

func sctpPacket(src, dst netip.Addr, sp, dp uint16, tag uint32, chunks []byte) []byte {
	b := be.AppendUint32(ports(sp, dp), tag)
	b = append(append(b, 0, 0, 0, 0), chunks...)
	binary.LittleEndian.PutUint32(b[8:], packet.SCTPChecksum(b))
	return ip(src, dst, nf.ProtoSCTP, b)
}

// chunk builds an SCTP chunk; initChunk one that announces a tag.
func chunk(typ, flags uint8, body ...byte) []byte {
	b := append([]byte{typ, flags, 0, byte(4 + len(body))}, body...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func initChunk(typ uint8, tag uint32) []byte {
	return chunk(typ, 0, append(be.AppendUint32(nil, tag), make([]byte, 12)...)...)
}
