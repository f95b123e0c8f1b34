package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// CheckIP validates the network packet as the IP layer does on receive, before
// any hook (ip_rcv_core, ip6_rcv_core), cuts link-layer padding off, and fills
// the header positions as ParseIP does. A packet with a Reason other than OK
// is to be dropped silently, except ParameterProblem, which the caller answers.
func (p *Packet) CheckIP() Reason {
	r := NotIP
	switch p.EtherType {
	case nf.EtherTypeIPv4:
		r = p.checkIPv4()
	case nf.EtherTypeIPv6:
		r = p.checkIPv6()
	}
	if r == OK || r == ParameterProblem {
		p.ParseIP()
	}
	return r
}

func (p *Packet) checkIPv4() Reason {
	b := p.IP()
	if len(b) < IPv4Size {
		return TooShort
	}
	if b[0]>>4 != 4 {
		return BadVersion
	}
	ihl := int(b[0]&15) * 4
	if ihl < IPv4Size {
		return BadHeaderLength
	}
	if len(b) < ihl {
		return TooShort
	}
	if Checksum(b[:ihl]) != 0 {
		return BadChecksum
	}
	total := int(binary.BigEndian.Uint16(b[2:]))
	if len(b) < total {
		return TooShort
	}
	if total < ihl {
		return BadHeaderLength
	}
	p.Data = p.Data[:p.Network+total]
	return OK
}

func (p *Packet) checkIPv6() Reason {
	b := p.IP()
	if len(b) < IPv6Size {
		return TooShort
	}
	if b[0]>>4 != 6 {
		return BadVersion
	}
	if !p.validAddrs6(Addr(b[8:24]), Addr(b[24:40])) {
		return BadAddress
	}
	return p.trimIPv6()
}

// trimIPv6 checks the lengths of an IPv6 packet and its hop-by-hop options.
func (p *Packet) trimIPv6() Reason {
	b := p.IP()
	n := int(binary.BigEndian.Uint16(b[4:]))
	hop := b[6] == nf.ProtoHopByHop
	if n != 0 || !hop { // 0 with hop-by-hop options may be a jumbogram
		if IPv6Size+n > len(b) {
			return TooShort
		}
		p.Data = p.Data[:p.Network+IPv6Size+n]
	}
	if hop {
		return p.checkHopOptions()
	}
	return OK
}

// CheckBridged is CheckIP for a packet that a bridge passes through the hooks of
// IP (br_validate_ipv4, br_validate_ipv6): its addresses don't matter.
func (p *Packet) CheckBridged() Reason {
	r := NotIP
	switch b := p.IP(); {
	case p.EtherType == nf.EtherTypeIPv4:
		r = p.checkIPv4()
	case p.EtherType == nf.EtherTypeIPv6 && len(b) < IPv6Size:
		r = TooShort
	case p.EtherType == nf.EtherTypeIPv6 && b[0]>>4 != 6:
		r = BadVersion
	case p.EtherType == nf.EtherTypeIPv6:
		r = p.trimIPv6()
	}
	if r == OK {
		p.ParseIP()
	}
	return r
}

// TrimIP cuts link-layer padding off a packet with sound lengths, as conntrack
// of the bridge family does (nf_ct_br_ip_check, nf_ct_br_ipv6_check). It reports
// whether the packet is one.
func (p *Packet) TrimIP() bool {
	b := p.IP()
	n := 0
	switch {
	case p.EtherType == nf.EtherTypeIPv4 && saneIPv4(b):
		n = int(binary.BigEndian.Uint16(b[2:]))
	case p.EtherType == nf.EtherTypeIPv6 && saneIPv6(b):
		n = IPv6Size + int(binary.BigEndian.Uint16(b[4:]))
	default:
		return false
	}
	p.Data = p.Data[:p.Network+n]
	return true
}

// validAddrs6 holds the address tests of ip6_rcv_core, for what arrives.
func (p *Packet) validAddrs6(src, dst Addr) bool {
	if p.Local {
		return true // the host may send what it would not take
	}
	lo := p.PktType == nf.PacketLoopback
	if d := p.In; d != nil && d.Type == nf.ARPHRDLoopback {
		lo = true
	} else if src.IsLoopback(nf.FamilyIPv6) || dst.IsLoopback(nf.FamilyIPv6) {
		return false
	}
	if src[0] == 0xff {
		return false
	}
	if dst[0] != 0xff {
		return true
	}
	scope := dst[1] & 15
	return scope != 0 && (scope != 1 || lo)
}
