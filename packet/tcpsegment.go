package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// A Segment is a TCP segment without data that the host makes.
type Segment struct {
	Family   nf.Family
	Src, Dst Addr
	SrcPort  [2]byte
	DstPort  [2]byte
	Seq, Ack uint32
	Flags    uint8
	Window   uint16
	Options  []byte // whole words
	TTL      uint8
}

// Append appends the packet, with DF and no id in IPv4.
func (s *Segment) Append(buf []byte) []byte {
	n := TCPSize + len(s.Options)
	if s.Family == nf.FamilyIPv4 {
		h := header4{df: true, ttl: s.TTL, proto: nf.ProtoTCP, src: s.Src, dst: s.Dst}
		buf = h.append(buf, n)
	} else {
		h := header6{ttl: s.TTL, proto: nf.ProtoTCP, src: s.Src, dst: s.Dst}
		buf = h.append(buf, n)
	}
	at := len(buf)
	buf = append(append(buf, s.SrcPort[:]...), s.DstPort[:]...)
	buf = binary.BigEndian.AppendUint32(buf, s.Seq)
	buf = binary.BigEndian.AppendUint32(buf, s.Ack)
	buf = append(buf, byte(n/4)<<4, s.Flags)
	buf = binary.BigEndian.AppendUint16(buf, s.Window)
	buf = append(append(buf, 0, 0, 0, 0), s.Options...)
	sum := Fold(PseudoSum(s.Family, &s.Src, &s.Dst, nf.ProtoTCP, n) + Sum16(buf[at:]))
	binary.BigEndian.PutUint16(buf[at+16:], ^sum)
	return buf
}
