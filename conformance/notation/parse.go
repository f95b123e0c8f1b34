package notation

import (
	"fmt"
	"net"
	"strings"
)

// IANA protocol numbers and EtherTypes that have words of their own.
const (
	protoICMP     = 1
	protoTCP      = 6
	protoUDP      = 17
	protoFragment = 44
	protoICMPv6   = 58
	protoSCTP     = 132

	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	etherVLAN = 0x8100
	etherQinQ = 0x88a8
)

// Parse reads one packet. The bytes start with the IP header, or with the
// Ethernet header when the line begins with "ether".
func Parse(line string) ([]byte, error) {
	words, err := split(line)
	if err != nil {
		return nil, err
	}
	s := &scanner{words: words}
	b := s.frame()
	if s.err == nil && len(s.words) > 0 {
		s.fail("unexpected %q", s.words[0])
	}
	if s.err != nil {
		return nil, s.err
	}
	return b, nil
}

func (s *scanner) frame() []byte {
	switch {
	case s.accept("hex"):
		return s.hex()
	case s.accept("ether"):
		return s.ether()
	}
	return s.packet()
}

// packet reads what follows the link-layer header: an ARP or an IP packet.
func (s *scanner) packet() []byte {
	if s.accept("arp") {
		return s.arp()
	}
	return s.ip()
}

// ip reads an IPv4 or IPv6 packet.
func (s *scanner) ip() []byte {
	switch w := s.next(); w {
	case "ip":
		return s.ip4()
	case "ip6":
		return s.ip6()
	default:
		s.fail("%q begins no packet; expected ip, ip6, arp, ether or hex", w)
	}
	return nil
}

func (s *scanner) mac() []byte {
	w := s.next()
	m, err := net.ParseMAC(w)
	if err != nil || len(m) != 6 {
		s.fail("%q is not an Ethernet address", w)
		return make([]byte, 6)
	}
	return m
}

func (s *scanner) ether() []byte {
	src := s.mac()
	s.expect(">")
	b := append(s.mac(), src...)
	for s.peek() == "vlan" || s.peek() == "qinq" {
		typ := uint16(etherVLAN)
		if s.next() == "qinq" {
			typ = etherQinQ
		}
		b = be.AppendUint16(b, typ)
		b = be.AppendUint16(b, uint16(s.num(16)))
	}
	switch s.peek() {
	case "type":
		s.next()
		b = be.AppendUint16(b, uint16(s.num(16)))
		s.expect("data")
		return append(b, s.data()...)
	case "ip6":
		b = be.AppendUint16(b, etherIPv6)
	case "arp":
		b = be.AppendUint16(b, etherARP)
	default:
		b = be.AppendUint16(b, etherIPv4)
	}
	return append(b, s.packet()...)
}

// checksum is what a line says about a checksum: the value, or how much it is
// off.
type checksum struct {
	given      bool
	value, off uint64
}

// sum reads bad, +OFF or VALUE.
func (s *scanner) sum(bits int) checksum {
	if s.accept("bad") {
		return checksum{off: spoil}
	}
	if w, found := strings.CutPrefix(s.peek(), "+"); found {
		s.words[0] = w
		return checksum{off: s.num(16)}
	}
	return checksum{given: true, value: s.num(bits)}
}

func (c checksum) of(right uint64) uint64 {
	switch {
	case c.given:
		return c.value
	case c.off != 0:
		return spoiled(right, c.off)
	}
	return right
}

// cut is a fragment asked for by its place in the whole payload.
type cut struct{ off, n int }

func (s *scanner) cut() *cut {
	w := s.next()
	c := &cut{}
	if _, err := fmt.Sscanf(w, "%d+%d", &c.off, &c.n); err != nil || c.off < 0 || c.off%8 != 0 || c.n < 0 {
		s.fail("%q is not OFFSET+LENGTH with an offset divisible by 8", w)
		return nil
	}
	return c
}

// of returns the piece, and whether more follows it.
func (c *cut) of(payload []byte) (piece []byte, more bool) {
	from := min(c.off, len(payload))
	to := min(c.off+c.n, len(payload))
	return payload[from:to], to < len(payload)
}

// padding reads bytes beyond the end of the IP packet.
func (s *scanner) padding() []byte {
	if s.accept("pad") {
		return s.data()
	}
	return nil
}
