package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// Greatest lengths in bytes of an ICMP error, its IP header included (RFC 1812
// section 4.3.2.3, RFC 4443 section 2.4).
const (
	maxICMPError4 = 576
	maxICMPError6 = MinMTU6
)

// An ICMPError describes an error message about a packet.
type ICMPError struct {
	Type, Code uint8
	Info       uint32 // bytes 4 to 7 of the header: MTU, pointer, gateway; 0 otherwise
	Src        Addr   // of the message
	ID         uint16 // IPv4 identification
	TTL        uint8  // TTL or hop limit of the message
	FlowLabel  uint32 // IPv6, 20 bits
	Options    []byte // IPv4, a multiple of four bytes
}

// AppendICMPError appends an ICMP or ICMPv6 error about p to buf: a network
// packet to p's source that quotes as much of p as fits, as icmp_send and
// icmp6_send make it. It returns buf as it was for a packet that has no whole
// IP header.
func AppendICMPError(buf []byte, p *Packet, e ICMPError) []byte {
	switch {
	case p.Family == nf.FamilyIPv4 && p.Len() >= IPv4Size:
		quote := p.IP()[:min(p.Len(), maxICMPError4-IPv4Size-ICMPSize-len(e.Options))]
		h := header4{tos: p.TOS()&0x1e | 0xc0, id: e.ID, ttl: e.TTL, proto: nf.ProtoICMP, src: e.Src, dst: p.Src(), options: e.Options}
		return appendICMP(h.append(buf, ICMPSize+len(quote)), nf.FamilyIPv4, &e, quote, nil, nil)
	case p.Family == nf.FamilyIPv6 && p.Len() >= IPv6Size:
		quote := p.IP()[:min(p.Len(), maxICMPError6-IPv6Size-ICMPSize)]
		h := header6{flow: e.FlowLabel, ttl: e.TTL, proto: nf.ProtoICMPv6, src: e.Src, dst: p.Src()}
		return appendICMP(h.append(buf, ICMPSize+len(quote)), nf.FamilyIPv6, &e, quote, &h.src, &h.dst)
	}
	return buf
}

// Greatest quotes of a reject that answers on the link itself, without routing.
const (
	maxLinkQuote4 = 536
	maxLinkQuote6 = 1220
)

// AppendLinkReject appends the error that `reject` in the bridge and netdev
// families sends back on the same link (nf_reject_skb_v4_unreach, _v6_): the
// addresses of p swapped, DF set, a shorter quote. Src, ID and Info of e are
// not used.
func AppendLinkReject(buf []byte, p *Packet, e ICMPError) []byte {
	e.Info = 0
	switch {
	case p.Family == nf.FamilyIPv4 && p.Len() >= IPv4Size:
		quote := p.IP()[:min(p.Len(), maxLinkQuote4)]
		h := header4{df: true, ttl: e.TTL, proto: nf.ProtoICMP, src: p.Dst(), dst: p.Src()}
		return appendICMP(h.append(buf, ICMPSize+len(quote)), nf.FamilyIPv4, &e, quote, nil, nil)
	case p.Family == nf.FamilyIPv6 && p.Len() >= IPv6Size:
		quote := p.IP()[:min(p.Len(), maxLinkQuote6)]
		h := header6{ttl: e.TTL, proto: nf.ProtoICMPv6, src: p.Dst(), dst: p.Src()}
		return appendICMP(h.append(buf, ICMPSize+len(quote)), nf.FamilyIPv6, &e, quote, &h.src, &h.dst)
	}
	return buf
}

// appendICMP appends the ICMP header and the quote to the IP header in buf.
func appendICMP(buf []byte, f nf.Family, e *ICMPError, quote []byte, src, dst *Addr) []byte {
	at := len(buf)
	buf = append(buf, e.Type, e.Code, 0, 0)
	buf = binary.BigEndian.AppendUint32(buf, e.Info)
	buf = append(buf, quote...)
	sum := Sum16(buf[at:])
	if f == nf.FamilyIPv6 {
		sum += PseudoSum(f, src, dst, nf.ProtoICMPv6, len(buf)-at)
	}
	binary.BigEndian.PutUint16(buf[at+2:], ^Fold(sum))
	return buf
}

// A header4 is what goes into an IPv4 header.
type header4 struct {
	options  []byte
	tos      uint8
	id       uint16
	df       bool
	ttl      uint8
	proto    uint8
	src, dst Addr
}

// append appends the header of a packet with n bytes of payload.
func (h *header4) append(buf []byte, n int) []byte {
	at := len(buf)
	var frag byte
	if h.df {
		frag = ipv4DF >> 8
	}
	size := IPv4Size + len(h.options)
	total := size + n
	buf = append(buf, 0x40|byte(size/4), h.tos, byte(total>>8), byte(total), byte(h.id>>8), byte(h.id), frag, 0, h.ttl, h.proto, 0, 0)
	buf = append(append(buf, h.src[:4]...), h.dst[:4]...)
	buf = append(buf, h.options...)
	FixIPv4Checksum(buf[at:])
	return buf
}

// A header6 is what goes into an IPv6 header.
type header6 struct {
	flow     uint32
	ttl      uint8
	proto    uint8
	src, dst Addr
}

// append appends the header of a packet with n bytes of payload.
func (h *header6) append(buf []byte, n int) []byte {
	buf = binary.BigEndian.AppendUint32(buf, 6<<28|h.flow&0xfffff)
	buf = append(buf, byte(n>>8), byte(n), h.proto, h.ttl)
	return append(append(buf, h.src[:]...), h.dst[:]...)
}
