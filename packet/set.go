package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// SetSrc changes the network source address, with the IPv4 header checksum and
// the transport checksums that cover it.
func (p *Packet) SetSrc(a Addr) { p.setAddr(&a, 12, 8) }

// SetDst changes the network destination address, with its checksums.
func (p *Packet) SetDst(a Addr) { p.setAddr(&a, 16, 24) }

func (p *Packet) setAddr(a *Addr, off4, off6 int) {
	b := p.IP()
	switch {
	case p.Family == nf.FamilyIPv4 && len(b) >= IPv4Size:
		field := b[off4 : off4+4]
		p.fixPseudo(field, a[:4])
		updateSumAt(b, 10, field, a[:4])
		copy(field, a[:4])
	case p.Family == nf.FamilyIPv6 && len(b) >= IPv6Size:
		field := b[off6 : off6+16]
		p.fixPseudo(field, a[:])
		copy(field, a[:])
	}
}

// fixPseudo updates the transport checksum for a changed pseudo header. A UDP
// checksum of zero stays zero, and never becomes zero.
func (p *Packet) fixPseudo(old, new []byte) {
	at := L4SumOffset(p.Family, p.Proto)
	b := p.L4()
	if at < 0 || p.FragOffset != 0 || len(b) < at+2 {
		return
	}
	UpdateL4Sum(b, at, p.Proto, old, new)
}

// L4SumOffset is the offset in bytes of the checksum that covers a pseudo
// header in the transport header of protocol proto, -1 when there is none.
func L4SumOffset(f nf.Family, proto uint8) int {
	switch proto {
	case nf.ProtoTCP:
		return 16
	case nf.ProtoUDP, nf.ProtoUDPLite:
		return 6
	case nf.ProtoICMPv6:
		if f == nf.FamilyIPv6 {
			return 2
		}
	}
	return -1
}

// UpdateL4Sum updates the checksum at offset at of the transport packet b of
// protocol proto for bytes that changed from old to new, there or in the
// pseudo header.
func UpdateL4Sum(b []byte, at int, proto uint8, old, new []byte) {
	sum := binary.BigEndian.Uint16(b[at:])
	if proto == nf.ProtoUDP && sum == 0 {
		return
	}
	sum = UpdateBytes(sum, old, new)
	if proto == nf.ProtoUDP && sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(b[at:], sum)
}

func updateSumAt(b []byte, at int, old, new []byte) {
	binary.BigEndian.PutUint16(b[at:], UpdateBytes(binary.BigEndian.Uint16(b[at:]), old, new))
}

// SetSrcPort changes the source port, with the transport checksum.
func (p *Packet) SetSrcPort(n uint16) { p.setPort(n, 0) }

// SetDstPort changes the destination port, with the transport checksum.
func (p *Packet) SetDstPort(n uint16) { p.setPort(n, 2) }

func (p *Packet) setPort(n uint16, off int) {
	if _, _, ok := p.Ports(); !ok {
		return
	}
	b := p.L4()
	var port [2]byte
	binary.BigEndian.PutUint16(port[:], n)
	if at := L4SumOffset(p.Family, p.Proto); at >= 0 && len(b) >= at+2 {
		UpdateL4Sum(b, at, p.Proto, b[off:off+2], port[:])
	}
	copy(b[off:], port[:])
	if p.Proto == nf.ProtoSCTP {
		SetSCTPChecksum(b)
	}
}

// SetTTL changes the TTL or hop limit, with the IPv4 header checksum.
func (p *Packet) SetTTL(n uint8) {
	b := p.IP()
	switch {
	case p.Family == nf.FamilyIPv4 && len(b) >= IPv4Size:
		updateSumAt(b, 10, b[8:10], []byte{n, b[9]})
		b[8] = n
	case p.Family == nf.FamilyIPv6 && len(b) >= IPv6Size:
		b[7] = n
	}
}

// DecTTL lowers the TTL or hop limit by one.
func (p *Packet) DecTTL() { p.SetTTL(p.TTL() - 1) }

// SetTOS changes the TOS byte or traffic class, with the IPv4 header checksum.
func (p *Packet) SetTOS(n uint8) {
	b := p.IP()
	switch {
	case p.Family == nf.FamilyIPv4 && len(b) >= IPv4Size:
		updateSumAt(b, 10, b[0:2], []byte{b[0], n})
		b[1] = n
	case p.Family == nf.FamilyIPv6 && len(b) >= IPv6Size:
		b[0] = b[0]&0xf0 | n>>4
		b[1] = b[1]&0x0f | n<<4
	}
}

// SetDF sets the don't-fragment flag of an IPv4 packet, with the header
// checksum.
func (p *Packet) SetDF() {
	b := p.IP()
	if p.Family == nf.FamilyIPv4 && len(b) >= IPv4Size {
		updateSumAt(b, 10, b[6:8], []byte{b[6] | ipv4DF>>8, b[7]})
		b[6] |= ipv4DF >> 8
	}
}

// FixIPv4Checksum recomputes the header checksum of the IPv4 packet b.
func FixIPv4Checksum(b []byte) {
	if len(b) < IPv4Size {
		return
	}
	ihl := int(b[0]&15) * 4
	if ihl < IPv4Size || ihl > len(b) {
		return
	}
	b[10], b[11] = 0, 0
	binary.BigEndian.PutUint16(b[10:], Checksum(b[:ihl]))
}
