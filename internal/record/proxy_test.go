package main

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

// TestProxied: segments in somebody else's name are the SYN proxy's, also when their
// numbers change behind the output hook; and what it passes on may change, too.
func TestProxied(t *testing.T) {
	own, err := readOwn([]byte(`[{"addr_info":[{"local":"10.0.0.1"},{"local":"fe80::1"}]}]`))
	if err != nil || !own[netip.MustParseAddr("10.0.0.1")] || len(own) != 2 {
		t.Fatalf("own addresses: %v, %v", own, err)
	}
	syn := ipv4(2, 3, protoTCP, 0, tcp(50, 80, 2)...)
	left := slices.Clone(syn)
	left[27]++ // of the sequence number
	rec := &recording{own: own, output: []logged{{data: syn}}}
	p, _ := parseIP(left)
	if got := newOrigins(rec).of(p); got != router {
		t.Errorf("a SYN of the proxy: %v", got)
	}
	other, _ := parseIP(ipv4(2, 3, protoTCP, 0, tcp(51, 80, 2)...))
	if got := newOrigins(rec).of(other); got != forwarded {
		t.Errorf("another SYN: %v", got)
	}

	// The server's answer passes with another sequence number, one of a flow that is
	// not proxied may not.
	at := time.Unix(1, 0)
	for _, c := range []struct {
		sport, dport byte
		explained    bool
	}{{80, 50, true}, {80, 51, false}} {
		in := ipv4(3, 2, protoTCP, 7, append(tcp(c.sport, c.dport, 16), 'x')...)
		out := slices.Clone(in)
		out[8]--
		out[len(out)-1] = 'y'
		rec.frames = []frame{{at, "a", false, onWire(in)}, {at, "b", true, onWire(out)}}
		if err := rec.checkForwarded(); (err == nil) != c.explained {
			t.Errorf("to port %d: %v", c.dport, err)
		}
	}
}

// TestRewritten: a helper may change the text of the protocols that it reads, and
// nobody that of others.
func TestRewritten(t *testing.T) {
	at := time.Unix(1, 0)
	for port, explained := range map[byte]bool{21: true, 22: false} {
		in := ipv4(2, 3, protoTCP, 7, append(tcp(50, port, 24), "PORT 10,0,0,2"...)...)
		out := ipv4(1, 3, protoTCP, 7, append(tcp(50, port, 24), "PORT 192,0,2,1"...)...)
		out[8]--
		rec := &recording{frames: []frame{{at, "a", false, onWire(in)}, {at, "b", true, onWire(out)}}}
		if err := rec.checkForwarded(); (err == nil) != explained {
			t.Errorf("port %d: %v", port, err)
		}
	}
}

// TestErrorIdentity: an error about a translated packet is found again when its
// source and what it quotes have been translated back.
func TestErrorIdentity(t *testing.T) {
	about := ipv4(2, 3, protoUDP, 3, 0, 50, 0, 53, 0, 8, 0, 0)
	sent := unreachable(about)
	left := slices.Clone(sent)
	left[15], left[10] = 9, 0x55   // the source, and the sum of the header
	left[20+8+19], left[22] = 7, 1 // the quoted destination, and the sum
	o := newOrigins(&recording{output: []logged{{data: sent}}})
	if p, _ := parseIP(left); o.of(p) != router {
		t.Error("not found")
	}
	left[20]++ // another type
	o = newOrigins(&recording{output: []logged{{data: sent}}})
	if p, _ := parseIP(left); o.of(p) != forwarded {
		t.Error("another error is found")
	}
}
