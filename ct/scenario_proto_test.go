package ct

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"nfvm/nf"
)

// TestUDPStream shows when a UDP flow becomes a stream.
func TestUDPStream(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		say := func(what, tag string) { fmt.Fprintf(out, "%s: %s\n%s", what, tag, w.list()) }
		a := func(sp uint16) string { return w.send('a', udpPacket(a4, b4, sp, 53, 1)) }
		b := func(sp uint16) string { return w.send('b', udpPacket(b4, a4, 53, sp, 1)) }
		say("request", a(1))
		say("answer", b(1))
		say("request again", a(1))
		say("another flow", a(2))
		w.wait(2100 * time.Millisecond)
		say("after the delay", a(1))
		say("late answer", b(2))
		say("and more", a(2))
	})
}

// TestExpiry lets entries expire.
func TestExpiry(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		w.set("udp_timeout", "1")
		w.set("icmp_timeout", "1")
		fmt.Fprintln(out, w.send('a', udpPacket(a4, b4, 1, 53, 1)), w.send('a', icmpPacket(a4, b4, 8, 0, 7, nil)))
		w.wait(600 * time.Millisecond)
		fmt.Fprintln(out, w.send('a', udpPacket(a4, b4, 1, 53, 1)))
		w.wait(600 * time.Millisecond)
		fmt.Fprintln(out, w.send('b', udpPacket(b4, a4, 53, 1, 1)), w.send('b', icmpPacket(b4, a4, 0, 0, 7, nil)))
		w.wait(1100 * time.Millisecond)
		fmt.Fprintln(out, w.send('a', udpPacket(a4, b4, 1, 53, 1)))
	})
}

// TestICMPTypes sends all types of ICMP and ICMPv6 messages.
func TestICMPTypes(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		rest := make([]byte, 48)
		for typ := range 256 {
			id := uint16(0x100 + typ)
			fmt.Fprintf(out, "%d %s %s\n", typ,
				w.send('a', icmpPacket(a4, b4, uint8(typ), 0, id, rest)),
				w.send('a', icmpPacket(a6, b6, uint8(typ), 0, id, rest)))
		}
		fmt.Fprintln(out, "reply of the wrong code", w.send('b', icmpPacket(b4, a4, 0, 5, 0x108, nil)))
		fmt.Fprintln(out, "reply", w.send('b', icmpPacket(b4, a4, 0, 0, 0x108, nil)))
		fmt.Fprintln(out, "request back", w.send('b', icmpPacket(b4, a4, 8, 0, 0x108, nil)))
		fmt.Fprintln(out, "timestamp reply", w.send('b', icmpPacket(b4, a4, 14, 0, 0x10d, nil)))
	})
}

// TestICMPErrors relates errors to the flows they quote.
func TestICMPErrors(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		say := func(what string, tag string) { fmt.Fprintf(out, "%s: %s\n", what, tag) }
		u := udpPacket(a4, b4, 1, 2, 1)
		back := udpPacket(b4, a4, 2, 1, 1)
		say("flow", w.send('a', u))
		for _, typ := range []uint8{3, 4, 11, 12} {
			say(fmt.Sprint("type ", typ), w.send('b', icmpPacket(b4, a4, typ, 0, 0, u)))
		}
		router := b4.Next().Next()
		say("from a router", w.send('b', icmpPacket(router, a4, 11, 0, 0, u)))
		say("to somebody else", w.send('b', icmpPacket(router, a4.Next(), 11, 0, 0, u)))
		for _, n := range []int{28, 24, 23, 20, 19} {
			say(fmt.Sprintf("%d bytes quoted", n), w.send('b', icmpPacket(router, a4, 11, 0, 0, u[:n])))
		}
		say("unknown flow", w.send('b', icmpPacket(router, a4, 3, 3, 0, udpPacket(a4, b4, 999, 2, 1))))
		say("about a reply", w.send('a', icmpPacket(a4, b4, 3, 3, 0, back)))
		say("from the wrong side", w.send('a', icmpPacket(a4, b4, 3, 3, 0, u)))
		damaged := bytes.Clone(u)
		damaged[2], damaged[8], damaged[10] = 0xff, 1, 0xde
		say("damaged quote", w.send('b', icmpPacket(router, a4, 3, 3, 0, damaged)))
		damaged[7] = 5
		say("quoted fragment", w.send('b', icmpPacket(router, a4, 3, 3, 0, damaged)))
		u6 := udpPacket(a6, b6, 1, 2, 1)
		say("IPv6 flow", w.send('a', u6))
		for _, typ := range []uint8{1, 2, 3, 4, 100, 127} {
			say(fmt.Sprint("ICMPv6 type ", typ), w.send('b', icmpPacket(b6, a6, typ, 0, 0, u6)))
		}
		out.WriteString(w.list())
	})
}

// TestZones keeps flows with equal tuples apart.
func TestZones(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		for _, dp := range []uint16{54, 55, 56, 57} {
			a := w.send('a', udpPacket(a4, b4, 1, dp, 1))
			b := w.send('b', udpPacket(b4, a4, dp, 1, 1))
			fmt.Fprintln(out, dp, a, b, w.send('a', udpPacket(a4, b4, 1, dp, 1)))
			e := w.send('b', icmpPacket(b4, a4, 3, 3, 0, udpPacket(a4, b4, 1, dp, 1)))
			fmt.Fprintln(out, dp, "error", e)
		}
		out.WriteString(w.list())
	})
}

// TestSelfFlow sends packets whose tuple is its own inverse: the second one
// counts as a reply.
func TestSelfFlow(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		w.set("acct", "1")
		for range 3 {
			w.send('a', udpPacket(a4, a4, 5, 5, 1))
			out.WriteString(w.list())
		}
	})
}

// TestExtensionHeaders finds the transport of IPv6 packets.
func TestExtensionHeaders(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		say := func(what string, next uint8, body []byte) {
			fmt.Fprintf(out, "%s: %s\n", what, w.send('a', ip(a6, b6, next, body)))
		}
		udp := func(sp uint16) []byte { return udpPacket(a6, b6, sp, 2, 1)[40:] }
		opts := func(next uint8) []byte { return []byte{next, 0, 1, 4, 0, 0, 0, 0} }
		say("destination options", 60, append(opts(17), udp(1)...))
		say("two of them", 60, append(append(opts(60), opts(17)...), udp(2)...))
		say("authentication", 51, append(append([]byte{17, 4}, make([]byte, 22)...), udp(3)...))
		say("none", 59, nil)
		say("options, then none", 60, opts(59))
		say("options, then nothing", 60, opts(99))
		say("options cut short", 60, []byte{17})
		say("options longer than the packet", 60, []byte{17, 9, 1, 4, 0, 0, 0, 0})
		say("ICMP over IPv6", 1, icmpPacket(a4, b4, 8, 0, 1, nil)[20:])
		out.WriteString(w.list())
	})
}

// TestDamagedUDP sends UDP and UDP-Lite with strange lengths.
func TestDamagedUDP(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		for n := range 14 {
			u := append(ports(1, uint16(1000+n), 0, byte(n), 0, 0), 1, 2, 3, 4)
			lite := bytes.Clone(u)
			sum(a4, b4, nf.ProtoUDP, u, 6)
			lite[6], lite[7] = 0, 0
			cover := n
			if n < 8 || n > len(lite) {
				cover = len(lite)
			}
			rest := bytes.Clone(lite[cover:])
			for i := cover; i < len(lite); i++ {
				lite[i] = 0
			}
			sum(a4, b4, nf.ProtoUDP, lite, 6)
			copy(lite[cover:], rest)
			fmt.Fprintln(out, n, w.send('a', ip(a4, b4, nf.ProtoUDP, u)), w.send('a', ip(a4, b4, nf.ProtoUDPLite, lite)),
				w.send('a', ip(a4, b4, nf.ProtoUDP, u[:min(n, len(u))])))
		}
		bad := udpPacket(a4, b4, 1, 1, 1)
		bad[26] ^= 1
		fmt.Fprintln(out, "checksum", w.send('a', bad))
		w.set("checksum", "0")
		fmt.Fprintln(out, "not verified", w.send('a', bad))
		w.set("checksum", "1")
		bad[26], bad[27] = 0, 0
		fmt.Fprintln(out, "no checksum", w.send('a', bad))
	})
}

// TestGREKeys shows what is in the tuples of GRE.
func TestGREKeys(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		for _, g := range [][]byte{
			{0, 0, 8, 0}, {0x20, 0, 8, 0, 0, 0, 0, 5}, {0x20, 1, 0x88, 0x0b, 0, 0, 0, 7}, {0x20, 1, 8, 0, 0, 0, 0, 7},
			{0x20, 1, 0x88, 0x0b, 0, 0}, {0x20, 2, 0x88, 0x0b, 0, 0, 0, 7}, {0}, {},
		} {
			fmt.Fprintf(out, "% x: %s %s\n", g, w.send('a', ip(a4, b4, nf.ProtoGRE, g)), w.send('b', ip(b4, a4, nf.ProtoGRE, g)))
		}
		out.WriteString(w.list())
	})
}

// TestSCTPAssociation opens and closes an association, and tries every chunk
// type as the first.
func TestSCTPAssociation(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		step := func(side byte, tag uint32, chunks []byte) {
			var tagged string
			if side == 'a' {
				tagged = w.send('a', sctpPacket(a4, b4, 10, 20, tag, chunks))
			} else {
				tagged = w.send('b', sctpPacket(b4, a4, 20, 10, tag, chunks))
			}
			fmt.Fprintf(out, "%c %d: %s\n%s", side, chunks[0], tagged, w.list())
		}
		step('a', 0, initChunk(chunkInit, 0x11))
		step('b', 0x11, initChunk(chunkInitAck, 0x22))
		step('a', 0x22, chunk(chunkCookieEcho, 0, 1, 2))
		step('b', 0x11, chunk(chunkCookieAck, 0))
		step('a', 0x22, chunk(chunkData, 0, make([]byte, 16)...))
		step('a', 0x23, chunk(chunkData, 0, make([]byte, 16)...))
		step('a', 0x22, chunk(chunkHeartbeat, 0, 1, 2, 3, 4))
		step('b', 0x11, chunk(chunkHeartbeatAck, 0, 1, 2, 3, 4))
		step('a', 0x22, chunk(chunkShutdown, 0, 1, 2, 3, 4))
		step('b', 0x11, chunk(chunkShutdownAck, 0))
		step('a', 0x22, chunk(chunkShutdownComplete, 0))
		w.flush()
		for typ := range uint8(16) {
			body := initChunk(typ, 5)
			fmt.Fprintln(out, typ,
				w.send('a', sctpPacket(a4, b4, 100+uint16(typ), 20, 0, body)),
				w.send('a', sctpPacket(a4, b4, 200+uint16(typ), 20, 1, body)))
		}
	})
}
