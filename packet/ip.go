package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// Sizes in bytes of the fixed IP headers.
const (
	IPv4Size = 20
	IPv6Size = 40
)

// Bits of the IPv4 fragment field.
const (
	ipv4DF         = 0x4000
	ipv4MF         = 0x2000
	ipv4OffsetMask = 0x1fff
)

// ParseIP finds the headers of the network packet as nf_tables does before each
// base chain of the ip, ip6 and inet families. It trusts the lengths that
// CheckIP has checked: IPv4 always has a known transport protocol, IPv6 has one
// when its extension headers can be walked. It never fails; a packet that is
// not IP has family unspec.
func (p *Packet) ParseIP() {
	p.forgetIP()
	switch p.EtherType {
	case nf.EtherTypeIPv4:
		p.parseIPv4()
	case nf.EtherTypeIPv6:
		p.parseIPv6()
	}
}

// ParseIPChecked is ParseIP as nf_tables does it in the bridge and netdev
// families and at inet ingress, where nobody has validated the packet: the
// transport protocol stays unknown when version or lengths are wrong. It
// reports whether the transport protocol is known.
func (p *Packet) ParseIPChecked() bool {
	p.forgetIP()
	b := p.IP()
	switch p.EtherType {
	case nf.EtherTypeIPv4:
		if saneIPv4(b) {
			p.parseIPv4()
		} else {
			p.Family = nf.FamilyIPv4
		}
	case nf.EtherTypeIPv6:
		if saneIPv6(b) {
			p.parseIPv6()
		} else {
			p.Family = nf.FamilyIPv6
		}
	}
	return p.L4Known
}

func (p *Packet) forgetIP() {
	p.Family, p.L4Known, p.Proto, p.Transport = nf.FamilyUnspec, false, 0, 0
	p.FragOffset, p.MoreFrags = 0, false
}

func (p *Packet) parseIPv4() {
	p.Family = nf.FamilyIPv4
	b := p.IP()
	if len(b) < IPv4Size {
		return
	}
	frag := binary.BigEndian.Uint16(b[6:])
	p.L4Known, p.Proto = true, b[9]
	p.Transport = int(b[0]&15) * 4
	p.FragOffset = int(frag&ipv4OffsetMask) * 8
	p.MoreFrags = frag&ipv4MF != 0
}

func (p *Packet) parseIPv6() {
	p.Family = nf.FamilyIPv6
	h, ok := FindTransport6(p.IP())
	if !ok {
		return
	}
	p.L4Known, p.Proto, p.Transport = true, h.Proto, h.Offset
	p.FragOffset, p.MoreFrags = h.FragOffset, h.MoreFrags
	if h.FragOffset != 0 {
		p.Transport = 0 // as the kernel leaves it for later fragments
	}
}

// saneIPv4 holds the checks of nft_set_pktinfo_ipv4_validate.
func saneIPv4(b []byte) bool {
	if len(b) < IPv4Size || b[0]>>4 != 4 || b[0]&15 < 5 {
		return false
	}
	total := int(binary.BigEndian.Uint16(b[2:]))
	return len(b) >= total && total >= int(b[0]&15)*4
}

// saneIPv6 holds the checks of nft_set_pktinfo_ipv6_validate.
func saneIPv6(b []byte) bool {
	return len(b) >= IPv6Size && b[0]>>4 == 6 &&
		IPv6Size+int(binary.BigEndian.Uint16(b[4:])) <= len(b)
}

// IP gives the network packet: the bytes from the network header on.
func (p *Packet) IP() []byte {
	if p.Network > len(p.Data) {
		return nil
	}
	return p.Data[p.Network:]
}

// L4 gives the bytes from the transport header on, nil when the transport
// protocol is unknown or its header lies beyond the packet. On a later IPv6
// fragment Transport is 0, so that L4 is the whole network packet.
func (p *Packet) L4() []byte {
	b := p.IP()
	if !p.L4Known || p.Transport > len(b) {
		return nil
	}
	return b[p.Transport:]
}

// Len is the length in bytes of the network packet, as `meta length` gives it.
func (p *Packet) Len() int { return len(p.IP()) }

// Src gives the network source address, zero when there is none.
func (p *Packet) Src() Addr {
	b := p.IP()
	switch {
	case p.Family == nf.FamilyIPv4 && len(b) >= IPv4Size:
		return addrOf(b[12:16])
	case p.Family == nf.FamilyIPv6 && len(b) >= IPv6Size:
		return Addr(b[8:24])
	}
	return Addr{}
}

// Dst gives the network destination address, zero when there is none.
func (p *Packet) Dst() Addr {
	b := p.IP()
	switch {
	case p.Family == nf.FamilyIPv4 && len(b) >= IPv4Size:
		return addrOf(b[16:20])
	case p.Family == nf.FamilyIPv6 && len(b) >= IPv6Size:
		return Addr(b[24:40])
	}
	return Addr{}
}

// TTL gives the TTL or hop limit.
func (p *Packet) TTL() uint8 {
	b := p.IP()
	switch {
	case p.Family == nf.FamilyIPv4 && len(b) >= IPv4Size:
		return b[8]
	case p.Family == nf.FamilyIPv6 && len(b) >= IPv6Size:
		return b[7]
	}
	return 0
}

// TOS gives the TOS byte or the traffic class.
func (p *Packet) TOS() uint8 {
	b := p.IP()
	switch {
	case p.Family == nf.FamilyIPv4 && len(b) >= IPv4Size:
		return b[1]
	case p.Family == nf.FamilyIPv6 && len(b) >= IPv6Size:
		return b[0]<<4 | b[1]>>4
	}
	return 0
}

// DF reports whether an IPv4 packet has the don't-fragment flag.
func (p *Packet) DF() bool {
	b := p.IP()
	return p.Family == nf.FamilyIPv4 && len(b) >= IPv4Size && b[6]&(ipv4DF>>8) != 0
}

// IsFragment reports whether the packet is one of several fragments.
func (p *Packet) IsFragment() bool { return p.MoreFrags || p.FragOffset != 0 }

// MayBeFragment reports false for a packet that surely is none, of which a
// Reassembler has nothing to do with.
func (p *Packet) MayBeFragment() bool {
	return p.IsFragment() || p.Family == nf.FamilyIPv6 && IsExtHeader6(p.IP()[6])
}
