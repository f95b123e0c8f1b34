package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// Sizes in bytes of the fixed transport headers.
const (
	TCPSize  = 20
	UDPSize  = 8
	ICMPSize = 8
)

// L4ChecksumOK verifies the transport checksum as connection tracking does:
// TCP, UDP (zero means unchecked, for IPv6 too), UDP-Lite, ICMP over IPv4,
// ICMPv6 over IPv6 and SCTP. Other protocols have none and are fine; a
// truncated header is not.
//
// UDP-Lite is summed with the protocol number of UDP in its pseudo header, as
// the kernel does by mistake: correct UDP-Lite packets fail.
func (p *Packet) L4ChecksumOK() bool {
	if !p.L4Known || p.FragOffset != 0 {
		return true
	}
	b := p.L4()
	switch p.Proto {
	case nf.ProtoTCP:
		return len(b) >= TCPSize && p.sumOK(b, nf.ProtoTCP)
	case nf.ProtoUDP:
		return len(b) >= UDPSize && (b[6]|b[7] == 0 || p.sumOK(b, nf.ProtoUDP))
	case nf.ProtoUDPLite:
		return p.udpliteOK(b)
	case nf.ProtoICMP:
		return p.Family != nf.FamilyIPv4 || len(b) >= ICMPSize && Checksum(b) == 0
	case nf.ProtoICMPv6:
		return p.Family != nf.FamilyIPv6 || len(b) >= ICMPSize && p.sumOK(b, nf.ProtoICMPv6)
	case nf.ProtoSCTP:
		return len(b) >= sctpSize && SCTPChecksum(b) == binary.LittleEndian.Uint32(b[8:])
	}
	return true
}

// RejectChecksumOK verifies the transport checksum as `reject` does before it
// answers with an ICMP error (nf_reject_verify_csum): protocols without a
// checksum over their whole payload are not looked at, all others are summed,
// even those that have no checksum at all.
func (p *Packet) RejectChecksumOK() bool {
	if p.SumValid {
		return true
	}
	b := p.L4()
	switch p.Proto {
	case nf.ProtoUDP:
		if len(b) >= UDPSize && b[6]|b[7] == 0 {
			return true
		}
	case nf.ProtoGRE, nf.ProtoAH, nf.ProtoESP, nf.ProtoSCTP, nf.ProtoUDPLite:
		return true
	}
	if p.Family == nf.FamilyIPv4 && p.Proto != nf.ProtoTCP && p.Proto != nf.ProtoUDP {
		return Fold(Sum16(b)+p.headerSum()) == 0xffff
	}
	return p.sumOK(b, p.Proto)
}

// headerSum is the sum of an IPv4 header, which is all ones if its checksum is
// right. The kernel sums from the IP header on and relies on that; a header
// that was changed without its checksum spoils the transport's.
func (p *Packet) headerSum() uint32 {
	if p.Family != nf.FamilyIPv4 || p.Transport > p.Len() {
		return 0
	}
	return Sum16(p.IP()[:p.Transport])
}

// sumOK verifies the sum of b and of a pseudo header with protocol proto. The
// length in it is what IP says, not what UDP says.
func (p *Packet) sumOK(b []byte, proto uint8) bool {
	src, dst := p.Src(), p.Dst()
	return Fold(PseudoSum(p.Family, &src, &dst, proto, len(b))+Sum16(b)+p.headerSum()) == 0xffff
}

func (p *Packet) udpliteOK(b []byte) bool {
	if len(b) < UDPSize {
		return false
	}
	cover := int(binary.BigEndian.Uint16(b[4:]))
	if cover == 0 {
		cover = len(b)
	}
	if cover < UDPSize || cover > len(b) || b[6]|b[7] == 0 {
		return false
	}
	src, dst := p.Src(), p.Dst()
	return Fold(PseudoSum(p.Family, &src, &dst, nf.ProtoUDP, len(b))+Sum16(b[:cover])) == 0xffff
}
