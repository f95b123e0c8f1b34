package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// A Segmenter cuts TCP and UDP packets that were left to a device to cut. Its
// buffer is reused.
type Segmenter struct{ buf []byte }

// Cut gives emit the segments of p, network packets with their checksums, each
// valid until emit returns (tcp_gso_segment, __udp_gso_segment). It reports
// false, and emits nothing, if p is not such a packet.
func (g *Segmenter) Cut(p *Packet, emit func(ip []byte)) bool {
	b, head, size := p.IP(), p.HeaderLen(), p.Offload.SegSize
	if size <= 0 || head >= len(b) || head <= p.Transport || p.FragOffset != 0 || p.MoreFrags {
		return false
	}
	var seg Packet
	for off := head; off < len(b); off += size {
		end := min(off+size, len(b))
		g.buf = append(append(g.buf[:0], b[:head]...), b[off:end]...)
		seg.Reset(g.buf, false)
		seg.EtherType = p.EtherType
		seg.Family, seg.Proto, seg.L4Known, seg.Transport = p.Family, p.Proto, true, p.Transport
		seg.number(off == head, end == len(b), (off-head)/size, off-head)
		seg.Offload.SumPartial = true
		seg.CompleteSum()
		emit(g.buf)
	}
	return true
}

// number gives the i-th segment, whose payload begins at byte off of the whole,
// its lengths, its identification, its sequence number and flags.
func (p *Packet) number(first, last bool, i, off int) {
	b := p.IP()
	if p.Family == nf.FamilyIPv4 {
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
		binary.BigEndian.PutUint16(b[4:], binary.BigEndian.Uint16(b[4:])+uint16(i))
		FixIPv4Checksum(b)
	} else {
		binary.BigEndian.PutUint16(b[4:], uint16(len(b)-IPv6Size))
	}
	l4 := p.L4()
	if p.Proto == nf.ProtoUDP {
		binary.BigEndian.PutUint16(l4[4:], uint16(len(l4)))
		return
	}
	binary.BigEndian.PutUint32(l4[4:], TCP(l4).Seq()+uint32(off))
	if !last {
		l4[13] &^= nf.TCPFin | nf.TCPPsh
	}
	if !first {
		l4[13] &^= nf.TCPCwr
	}
}
