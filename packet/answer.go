package packet

import (
	"nfvm/nf"
)

// ICMP types that are errors (RFC 792), and the highest type that the kernel
// knows (NR_ICMP_TYPES).
const (
	icmpUnreachable  = 3
	icmpSourceQuench = 4
	icmpRedirect     = 5
	icmpTimeExceeded = 11
	icmpParameter    = 12
)

// IsICMPError reports whether ICMP type t of family f reports an error about
// another packet.
func IsICMPError(f nf.Family, t uint8) bool {
	if f == nf.FamilyIPv6 {
		return t < 128
	}
	switch t {
	case icmpUnreachable, icmpSourceQuench, icmpRedirect, icmpTimeExceeded, icmpParameter:
		return true
	}
	return false
}

// Answerable reports whether an ICMP error about p may be sent at all, as far
// as p itself tells (RFC 1122 section 3.2.2, RFC 4443 section 2.4, and
// icmp_send, icmp6_send): not about another error, a later fragment, a
// broadcast or multicast of the link or, in IPv6, the network, or to a source
// that is no single host. In IPv4 the route says what goes to many.
func (p *Packet) Answerable() bool {
	src, dst := p.Src(), p.Dst()
	toMany := p.PktType != nf.PacketHost && !p.Local
	if toMany = toMany || p.Family == nf.FamilyIPv6 && dst.IsMulticast(p.Family); toMany && !p.unknownOption() {
		return false
	}
	if src.IsZero() || src.IsMulticast(p.Family) {
		return false
	}
	if p.Family == nf.FamilyIPv4 {
		return p.FragOffset == 0 && src.V4() != 0xffffffff && !p.isError4()
	}
	return p.Family == nf.FamilyIPv6 && !p.isError6()
}

// isError4 holds for all ICMP but queries and their answers (icmp_pointers of the
// kernel), so for router discovery, types that nobody knows and ICMP without a type.
func (p *Packet) isError4() bool {
	const echoReply, echoRequest = 0, 8
	const firstQuery, lastQuery = 13, 18 // timestamp to address mask reply
	b := p.L4()
	if p.Proto != nf.ProtoICMP || len(b) > 0 && (b[0] == echoReply || b[0] == echoRequest) {
		return false
	}
	return len(b) == 0 || b[0] < firstQuery || b[0] > lastQuery
}

func (p *Packet) isError6() bool {
	b := p.IP()
	if len(b) < IPv6Size {
		return true
	}
	h, ok := SkipExtHeaders6(b, IPv6Size, b[6])
	if !ok || h.Proto != nf.ProtoICMPv6 {
		return false
	}
	return h.Offset >= len(b) || b[h.Offset] < 128
}

// RejectOK reports whether `reject` answers p with an ICMP error: p is no later
// fragment, has a payload (IPv6), and its transport checksum is right. It does
// not include Answerable.
func (p *Packet) RejectOK() bool {
	if p.Family == nf.FamilyIPv4 {
		return p.FragOffset == 0 && p.RejectChecksumOK()
	}
	b := p.IP()
	if p.Family != nf.FamilyIPv6 || len(b) < IPv6Size {
		return false
	}
	h, ok := SkipExtHeaders6(b, IPv6Size, b[6])
	if !ok || h.Offset >= len(b) || h.FragOffset != 0 {
		return false
	}
	q := Packet{Data: p.Data, Network: p.Network, Family: p.Family, L4Known: true, Proto: h.Proto, Transport: h.Offset, SumValid: p.SumValid}
	return q.RejectChecksumOK()
}
