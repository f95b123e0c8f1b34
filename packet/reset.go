package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// AppendReset appends the TCP reset that `reject with tcp reset` answers p
// with: from p's destination to its source (RFC 9293 section 3.5.2). It fails,
// and leaves buf alone, when p gets none: it is not TCP, a later fragment,
// truncated, itself a reset, has a bad checksum, or (IPv6) an address that is
// not unicast.
func AppendReset(buf []byte, p *Packet, ttl uint8) ([]byte, bool) {
	t, ok := p.resettable()
	if !ok {
		return buf, false
	}
	src, dst := p.Dst(), p.Src()
	if p.Family == nf.FamilyIPv4 {
		h := header4{df: true, ttl: ttl, proto: nf.ProtoTCP, src: src, dst: dst}
		buf = h.append(buf, TCPSize)
	} else {
		h := header6{ttl: ttl, proto: nf.ProtoTCP, src: src, dst: dst}
		buf = h.append(buf, TCPSize)
	}
	at := len(buf)
	buf = appendResetSegment(buf, t)
	sum := Fold(PseudoSum(p.Family, &src, &dst, nf.ProtoTCP, TCPSize) + Sum16(buf[at:]))
	binary.BigEndian.PutUint16(buf[at+16:], ^sum)
	return buf, true
}

// resettable gives the segment of p when p may be answered with a reset.
func (p *Packet) resettable() (TCP, bool) {
	q := Packet{Data: p.Data, Network: p.Network, Family: p.Family, L4Known: p.L4Known,
		Proto: p.Proto, Transport: p.Transport, FragOffset: p.FragOffset}
	if p.Family == nf.FamilyIPv6 {
		src, dst, b := p.Src(), p.Dst(), p.IP()
		if len(b) < IPv6Size || src.IsMulticast(p.Family) || dst.IsMulticast(p.Family) || src.IsZero() || dst.IsZero() {
			return nil, false
		}
		h, ok := SkipExtHeaders6(b, IPv6Size, b[6])
		if !ok {
			return nil, false
		}
		q.L4Known, q.Proto, q.Transport, q.FragOffset = true, h.Proto, h.Offset, h.FragOffset
	}
	t, ok := q.TCP()
	if !ok || t.Flags()&nf.TCPRst != 0 || !p.SumComplete && !q.L4ChecksumOK() {
		return nil, false
	}
	return t, true
}

// appendResetSegment appends a reset that answers segment t, without checksum.
func appendResetSegment(buf []byte, t TCP) []byte {
	var seq, ack uint32
	flags := byte(nf.TCPRst)
	if t.Flags()&nf.TCPAck != 0 {
		seq = t.Ack()
	} else {
		flags |= nf.TCPAck
		// As the kernel computes it: a header length beyond the segment wraps.
		ack = t.Seq() + uint32(len(t)) - uint32(t.HeaderLen())
		ack += uint32(t.Flags()>>1&1) + uint32(t.Flags()&1)
	}
	buf = append(buf, t[2], t[3], t[0], t[1])
	buf = binary.BigEndian.AppendUint32(buf, seq)
	buf = binary.BigEndian.AppendUint32(buf, ack)
	return append(buf, TCPSize/4<<4, flags, 0, 0, 0, 0, 0, 0)
}
