package main

import (
	"encoding/binary"
	"testing"
	"time"
)

// ipv4 builds a minimal packet; checksums play no part here.
func ipv4(src, dst, proto byte, id uint16, transport ...byte) []byte {
	b := make([]byte, 20, 20+len(transport))
	b[0], b[8], b[9] = 0x45, 64, proto
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(transport)))
	binary.BigEndian.PutUint16(b[4:], id)
	copy(b[12:], []byte{10, 0, 0, src, 10, 0, 0, dst})
	return append(b, transport...)
}

func tcp(sport, dport, flags byte) []byte {
	return []byte{0, sport, 0, dport, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, flags, 0, 0, 0xab, 0xcd, 0, 0}
}

func onWire(packet []byte) []byte {
	return append([]byte{1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0}, packet...)
}

// unreachable is port unreachable about a packet, from host 1 to host 2.
func unreachable(about []byte) []byte {
	return ipv4(1, 2, protoICMP, 9, append([]byte{3, 3, 0, 0, 0, 0, 0, 0}, about[:28]...)...)
}

func TestOrigins(t *testing.T) {
	const rst, syn = 4, 2
	open, shut := ipv4(2, 1, protoTCP, 1, tcp(50, 80, syn)...), ipv4(2, 1, protoTCP, 2, tcp(50, 81, syn)...)
	udp := ipv4(2, 1, protoUDP, 3, 0, 50, 0, 53, 0, 8, 0, 0)
	for name, c := range map[string]struct {
		sent      []byte
		inOutput  bool
		delivered []byte
		want      origin
	}{
		"forwarded":                     {open, false, nil, forwarded},
		"a program's":                   {open, true, nil, host},
		"RST of the stack":              {ipv4(1, 2, protoTCP, 0, tcp(80, 50, rst)...), true, open, host},
		"RST of a rule":                 {ipv4(1, 2, protoTCP, 0, tcp(81, 50, rst)...), true, open, router},
		"unreachable of the stack":      {unreachable(udp), true, udp, host},
		"unreachable of a rule":         {unreachable(udp), true, shut, router},
		"a far host's error, forwarded": {unreachable(udp), false, nil, forwarded},
	} {
		t.Run(name, func(t *testing.T) {
			rec := &recording{}
			if c.inOutput {
				b := append([]byte(nil), c.sent...)
				if b[9] == protoTCP {
					b[20+16] ^= 0xff // the checksum is not finished in the output hook
				}
				rec.output = []logged{{data: b}}
			}
			if c.delivered != nil {
				rec.delivered = []logged{{data: c.delivered}}
			}
			p, ok := parseFrame(onWire(c.sent))
			if !ok {
				t.Fatal("not parsed")
			}
			if got := newOrigins(rec).of(p); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestCheckForwarded lets NAT and routing pass, and nothing else.
func TestCheckForwarded(t *testing.T) {
	in, out := ipv4(2, 3, protoTCP, 7, tcp(50, 80, 2)...), ipv4(1, 3, protoTCP, 7, tcp(60, 80, 2)...)
	out[8]--
	at := time.Unix(1, 0)
	rec := &recording{frames: []frame{{at, "a", false, onWire(in)}, {at, "b", true, onWire(out)}}}
	if err := rec.checkForwarded(); err != nil {
		t.Error(err)
	}
	out[4]++ // another identification
	rec.frames[1].data = onWire(out)
	if rec.checkForwarded() == nil {
		t.Error("a frame from nowhere is explained")
	}
}

// TestParseDamaged cuts packets short; none may panic.
func TestParseDamaged(t *testing.T) {
	v6 := make([]byte, 60)
	v6[0], v6[5], v6[6] = 0x60, 20, 44
	for _, whole := range [][]byte{unreachable(ipv4(2, 1, protoUDP, 3, 0, 50, 0, 53, 0, 8, 0, 0)), v6} {
		for n := range whole {
			if p, ok := parseIP(whole[:n]); ok {
				p.flow()
				p.identity()
				p.quoted()
				p.isReset()
				keyOf(p, p.ttl)
			}
		}
	}
}
