package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// Sizes in bytes of the link-layer header and of a VLAN tag.
const (
	etherSize = 14
	vlanSize  = 4
)

// Types that the kernel gives to frames whose type field is an 802.3 length
// (linux/if_ether.h).
const (
	etherType8023 = 0x0001
	etherType8022 = 0x0004
)

// Reset makes p a fresh packet over data. link tells whether data starts with
// an Ethernet header; without one the data is a bare IPv4 or IPv6 packet, as a
// TUN device carries, and its first nibble gives the type.
func (p *Packet) Reset(data []byte, link bool) {
	*p = Packet{Data: data, Link: link}
	if link || len(data) == 0 {
		return
	}
	switch data[0] >> 4 {
	case 4:
		p.EtherType = nf.EtherTypeIPv4
	case 6:
		p.EtherType = nf.EtherTypeIPv6
	}
}

// ParseEther reads the Ethernet header. A VLAN tag is taken out of the data
// into TPID and TCI, as the kernel does on receive: the addresses are moved up
// and Data starts four bytes later. Inner tags stay in the data.
func (p *Packet) ParseEther() Reason {
	if !p.Link {
		return OK
	}
	d := p.Data
	if len(d) < etherSize {
		return TooShort
	}
	t := binary.BigEndian.Uint16(d[12:])
	if t == nf.EtherTypeVLAN || t == nf.EtherTypeQinQ {
		if len(d) < etherSize+vlanSize+2 { // it looks at what follows, too
			return TooShort
		}
		p.TPID, p.TCI, p.Tagged = t, binary.BigEndian.Uint16(d[14:]), true
		copy(d[vlanSize:], d[:12])
		d = d[vlanSize:]
		p.Data = d
		t = binary.BigEndian.Uint16(d[12:])
	}
	p.Network = etherSize
	p.EtherType = etherTypeOf(t, d[etherSize:])
	return OK
}

// AppendFrame appends a frame to buf that holds the network packet ip behind p's
// own link-layer header, with the VLAN tag if there is one.
func (p *Packet) AppendFrame(buf, ip []byte) []byte {
	if !p.Link {
		return append(buf, ip...)
	}
	const addresses = etherSize - 2
	buf = append(buf, p.Data[:addresses]...)
	if p.Tagged {
		buf = binary.BigEndian.AppendUint16(buf, p.TPID)
		buf = binary.BigEndian.AppendUint16(buf, p.TCI)
	}
	buf = append(buf, p.Data[addresses:p.Network]...)
	return append(buf, ip...)
}

// AppendAnswerHeader appends the link-layer header of an answer to p: its own with
// the addresses swapped, and perhaps with its VLAN tag.
func AppendAnswerHeader(buf []byte, p *Packet, withTag bool) []byte {
	buf = append(append(buf, p.EtherSrc()...), p.EtherDst()...)
	if p.Tagged && withTag {
		buf = binary.BigEndian.AppendUint16(buf, p.TPID)
		buf = binary.BigEndian.AppendUint16(buf, p.TCI)
	}
	return binary.BigEndian.AppendUint16(buf, p.EtherType)
}

// PushTag moves the VLAN tag from beside the data into it.
func (p *Packet) PushTag() {
	if !p.Tagged || !p.Link {
		return
	}
	p.Data = p.AppendFrame(nil, p.IP())
	p.EtherType, p.Network = p.TPID, etherSize
	p.Tagged, p.TPID, p.TCI = false, 0, 0
}

// etherTypeOf maps the type field to a protocol as eth_type_trans does.
func etherTypeOf(t uint16, payload []byte) uint16 {
	if t >= 0x600 {
		return t
	}
	if len(payload) >= 2 && payload[0] == 0xff && payload[1] == 0xff {
		return etherType8023
	}
	return etherType8022
}

// EtherDst gives the destination address of the frame, nil without an Ethernet
// header.
func (p *Packet) EtherDst() []byte { return p.etherField(0) }

// EtherSrc gives the source address of the frame, nil without an Ethernet
// header.
func (p *Packet) EtherSrc() []byte { return p.etherField(6) }

func (p *Packet) etherField(off int) []byte {
	if !p.Link || p.Network < etherSize || len(p.Data) < etherSize {
		return nil
	}
	return p.Data[p.Network-etherSize+off:][:6]
}

// EtherPktType classifies the frame by its destination for an interface with
// the address own: host, broadcast, multicast or other host. A frame without
// an Ethernet header is for the host.
func (p *Packet) EtherPktType(own [6]byte) uint8 {
	d := p.EtherDst()
	switch {
	case d == nil || [6]byte(d) == own:
		return nf.PacketHost
	case [6]byte(d) == [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}:
		return nf.PacketBroadcast
	case d[0]&1 != 0:
		return nf.PacketMulticast
	}
	return nf.PacketOtherHost
}
