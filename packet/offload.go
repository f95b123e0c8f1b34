package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// An Offload says what of a packet is left to a network device, as the kernel
// keeps it in its socket buffer. The zero Offload is a packet as on the wire.
type Offload struct {
	// SumPartial tells that the transport checksum field holds the sum of the
	// pseudo header only (CHECKSUM_PARTIAL).
	SumPartial bool
	// SumChecked tells that a device has found the checksum right.
	SumChecked bool
	// SegSize is the bytes of payload of each segment that a device will cut the
	// packet into (gso_size), 0 for a packet that is one segment.
	SegSize int
}

// Verified tells that nobody needs to sum the packet to trust its checksum.
func (o *Offload) Verified() bool { return o.SumPartial || o.SumChecked }

// WireLen is the length in bytes of the network packet on the wire: for one that
// a device cuts into segments, that of the longest (skb_gso_network_seglen).
func (p *Packet) WireLen() int {
	n := p.Len()
	if p.Offload.SegSize == 0 {
		return n
	}
	return min(n, p.HeaderLen()+p.Offload.SegSize)
}

// HeaderLen is the length in bytes of the network and transport headers.
func (p *Packet) HeaderLen() int {
	n := p.Transport
	switch t, ok := p.TCP(); {
	case ok:
		n += t.HeaderLen()
	case p.Proto == nf.ProtoUDP:
		n += UDPSize
	}
	return n
}

// FixPartialSum writes the sum of the pseudo header where the transport checksum
// belongs, if that is what SumPartial promises. Rules and translation may have
// changed addresses and ports since.
func (p *Packet) FixPartialSum() {
	at := L4SumOffset(p.Family, p.Proto)
	b := p.L4()
	if !p.Offload.SumPartial || at < 0 || len(b) < at+2 {
		return
	}
	src, dst := p.Src(), p.Dst()
	binary.BigEndian.PutUint16(b[at:], Fold(PseudoSum(p.Family, &src, &dst, p.Proto, len(b))))
}

// CompleteSum sums a packet whose checksum was left to a device.
func (p *Packet) CompleteSum() {
	at := L4SumOffset(p.Family, p.Proto)
	b := p.L4()
	if !p.Offload.SumPartial || at < 0 || len(b) < at+2 {
		return
	}
	p.Offload.SumPartial = false
	src, dst := p.Src(), p.Dst()
	b[at], b[at+1] = 0, 0
	sum := ^Fold(PseudoSum(p.Family, &src, &dst, p.Proto, len(b)) + Sum16(b))
	if sum == 0 && p.Proto == nf.ProtoUDP {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(b[at:], sum)
}
