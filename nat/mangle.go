package nat

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// MangleTCP replaces size bytes at offset at of a TCP payload by text, with
// lengths and checksum, and records the change of length for the sequence
// numbers of what follows (nf_nat_mangle_tcp_packet). It fails when the bytes
// are not there or the packet would become too long.
func (e *Engine) MangleTCP(p *packet.Packet, en *ct.Entry, at, size int, text []byte) bool {
	if !mangleTCP(p, at, size, text) {
		return false
	}
	t, _ := p.TCP()
	e.noteResize(en, p.CTInfo.Dir(), t.Seq(), int32(len(text)-size))
	return true
}

// mangleTCP is MangleTCP without a record: the caller makes one of several
// changes to a packet.
func mangleTCP(p *packet.Packet, at, size int, text []byte) bool {
	t, ok := p.TCP()
	if !ok || t.HeaderLen() < packet.TCPSize || !p.Splice(p.Transport+t.HeaderLen()+at, size, text) {
		return false
	}
	setL4Sum(p, 16)
	return true
}

// MangleUDP replaces size bytes at offset at of a UDP payload by text, with
// lengths and checksum; an unused checksum stays unused
// (nf_nat_mangle_udp_packet).
func MangleUDP(p *packet.Packet, at, size int, text []byte) bool {
	if p.Proto != nf.ProtoUDP || p.FragOffset != 0 || len(p.L4()) < packet.UDPSize ||
		!p.Splice(p.Transport+packet.UDPSize+at, size, text) {
		return false
	}
	b := p.L4()
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)))
	if b[6]|b[7] != 0 || p.Offload.SumPartial {
		setL4Sum(p, 6)
	}
	return true
}

// setL4Sum computes the TCP or UDP checksum, whose field is at offset at of the
// transport header, from nothing; zero is written as all ones. Where a device
// shall do it, the field gets the sum of the pseudo header.
func setL4Sum(p *packet.Packet, at int) {
	if p.Offload.SumPartial {
		p.FixPartialSum()
		return
	}
	b := p.L4()
	b[at], b[at+1] = 0, 0
	src, dst := p.Src(), p.Dst()
	sum := ^packet.Fold(packet.Sum16(b) + packet.PseudoSum(p.Family, &src, &dst, p.Proto, len(b)))
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(b[at:], sum)
}
