package netfilter

import (
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// Learn takes from an Ethernet frame the link-layer address of the neighbour
// that sent it or that it is for, unless the host knows one. An Engine does so
// with each frame; before a replay it lets the first packet to a neighbour find
// what only a later frame tells.
func Learn(h *host.Host, f *Frame) {
	var p packet.Packet
	if p.Reset(f.Data, f.Ether); f.Ether && p.ParseEther() == packet.OK {
		learn(h, f.Link, &p, f.Outbound)
	}
}

// learn remembers the link-layer address of whoever sent a frame, or of whom
// the host sent it to.
func learn(h *host.Host, l *nf.Link, p *packet.Packet, outbound bool) {
	var a packet.Addr
	var family nf.Family
	ip := p.IP()
	switch {
	case p.EtherType == nf.EtherTypeARP && len(ip) >= 28 && !outbound:
		copy(a[:4], ip[14:18])
		family = nf.FamilyIPv4
	case p.EtherType == nf.EtherTypeIPv4 && len(ip) >= packet.IPv4Size:
		copy(a[:4], ip[12:16])
		if outbound {
			copy(a[:4], ip[16:20])
		}
		family = nf.FamilyIPv4
	case p.EtherType == nf.EtherTypeIPv6 && len(ip) >= packet.IPv6Size:
		copy(a[:], ip[8:24])
		if outbound {
			copy(a[:], ip[24:40])
		}
		family = nf.FamilyIPv6
	default:
		return
	}
	mac := p.EtherSrc()
	if outbound {
		mac = p.EtherDst()
	}
	if len(mac) == 6 && [6]byte(mac) != [6]byte{} && mac[0]&1 == 0 && !a.IsZero() && !a.IsMulticast(family) {
		if l.Port != nil {
			l = l.Port.Bridge
		}
		h.Learn(l, a.Netip(family), [6]byte(mac))
	}
}
