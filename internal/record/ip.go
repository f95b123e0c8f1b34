package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// ipPacket is what the recorder needs to know of an IP packet. Only packets that
// real programs sent get here, so a malformed one is simply not ok.
type ipPacket struct {
	raw       []byte // from the IP header, without link-layer padding
	src, dst  netip.Addr
	proto     byte
	ttl       byte
	id        uint32 // IPv4 identification, or that of the IPv6 fragment header
	fragment  bool
	transport []byte // after the IP header and IPv6 extension headers
}

// IP protocol numbers (IANA).
const (
	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
)

const ethernetHeader = 14

// parseFrame parses the IP packet of an Ethernet frame.
func parseFrame(data []byte) (ipPacket, bool) {
	if len(data) < ethernetHeader {
		return ipPacket{}, false
	}
	switch binary.BigEndian.Uint16(data[12:]) {
	case 0x0800, 0x86dd:
		return parseIP(data[ethernetHeader:])
	}
	return ipPacket{}, false
}

func parseIP(b []byte) (ipPacket, bool) {
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		return parseIPv4(b)
	case len(b) >= 40 && b[0]>>4 == 6:
		return parseIPv6(b)
	}
	return ipPacket{}, false
}

func parseIPv4(b []byte) (ipPacket, bool) {
	size, head := int(binary.BigEndian.Uint16(b[2:])), int(b[0]&15)*4
	if head < 20 || size < head {
		return ipPacket{}, false
	}
	b = b[:min(size, len(b))] // an ICMP error quotes less than the whole packet
	if len(b) < head {
		return ipPacket{}, false
	}
	src, _ := netip.AddrFromSlice(b[12:16])
	dst, _ := netip.AddrFromSlice(b[16:20])
	return ipPacket{
		raw: b, src: src, dst: dst, proto: b[9], ttl: b[8], id: uint32(binary.BigEndian.Uint16(b[4:])),
		fragment: binary.BigEndian.Uint16(b[6:])&0x3fff != 0, transport: b[head:],
	}, true
}

func parseIPv6(b []byte) (ipPacket, bool) {
	b = b[:min(40+int(binary.BigEndian.Uint16(b[4:])), len(b))]
	src, _ := netip.AddrFromSlice(b[8:24])
	dst, _ := netip.AddrFromSlice(b[24:40])
	p := ipPacket{raw: b, src: src, dst: dst, proto: b[6], ttl: b[7], transport: b[40:]}
	for {
		t := p.transport
		switch p.proto {
		case 0, 43, 60: // hop-by-hop, routing, destination options
			if len(t) < 8 || len(t) < 8+int(t[1])*8 {
				return p, true
			}
			p.proto, p.transport = t[0], t[8+int(t[1])*8:]
		case 44: // fragment
			if len(t) < 8 {
				return p, true
			}
			p.proto, p.transport, p.fragment, p.id = t[0], t[8:], true, binary.BigEndian.Uint32(t[4:])
		default:
			return p, true
		}
	}
}

// ports returns the ports of TCP and UDP, 0 for others.
func (p ipPacket) ports() (src, dst uint16) {
	if (p.proto == protoTCP || p.proto == protoUDP) && len(p.transport) >= 4 {
		return binary.BigEndian.Uint16(p.transport), binary.BigEndian.Uint16(p.transport[2:])
	}
	return 0, 0
}

// flow names the packets from one port (or host) to another.
type flow struct {
	src, dst     netip.Addr
	proto        byte
	sport, dport uint16
}

func (p ipPacket) flow() flow {
	s, d := p.ports()
	return flow{p.src, p.dst, p.proto, s, d}
}

func (f flow) String() string {
	return fmt.Sprintf("%v:%d to %v:%d, protocol %d", f.src, f.sport, f.dst, f.dport, f.proto)
}

func (f flow) reversed() flow { return flow{f.dst, f.src, f.proto, f.dport, f.sport} }

// quoted returns the packet that an ICMP error is about.
func (p ipPacket) quoted() (ipPacket, bool) {
	if len(p.transport) < 8 || p.fragment {
		return ipPacket{}, false
	}
	switch typ := p.transport[0]; {
	case p.proto == protoICMP && (typ == 3 || typ == 4 || typ == 5 || typ == 11 || typ == 12),
		p.proto == protoICMPv6 && typ >= 1 && typ <= 4:
		return parseIP(p.transport[8:])
	}
	return ipPacket{}, false
}

// isError tells an ICMP or ICMPv6 error.
func (p ipPacket) isError() bool {
	_, ok := p.quoted()
	return ok
}

// isReset tells a TCP segment with RST set.
func (p ipPacket) isReset() bool {
	return p.proto == protoTCP && len(p.transport) >= 20 && p.transport[13]&4 != 0
}

// identity is the packet's bytes without the transport checksum, which is not
// yet computed when a packet of the host passes the output hook. Errors about
// translated packets are translated behind that hook: of theirs it has neither the
// addresses nor what is quoted.
func (p ipPacket) identity() string {
	b := append([]byte(nil), p.raw...)
	if _, isError := p.quoted(); isError {
		if p.src.Is4() {
			clear(b[10:20])
		} else {
			clear(b[8:40])
		}
		t := b[len(p.raw)-len(p.transport):]
		clear(t[2:])
		return string(b)
	}
	at, ok := map[byte]int{protoTCP: 16, protoUDP: 6, protoICMPv6: 2}[p.proto]
	if off := len(p.raw) - len(p.transport) + at; ok && !p.fragment && off+2 <= len(b) {
		b[off], b[off+1] = 0, 0
	}
	return string(b)
}
