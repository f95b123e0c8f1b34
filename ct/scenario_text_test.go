package ct

import (
	"bytes"
	"net/netip"
	"testing"

	"nfvm/nf"
)

// TestListing shows the text of entries and events for all protocols.
func TestListing(t *testing.T) {
	for name, counted := range map[string]string{"plain": "0", "counted": "1"} {
		t.Run(name, func(t *testing.T) {
			play(t, func(w world, out *bytes.Buffer) {
				w.listen()
				w.set("acct", counted)
				w.set("timestamp", counted)
				everything(w)
				out.WriteString(w.list())
				out.WriteString(w.events())
			})
		})
	}
}

// TestChosenEvents shows the events of a connection for which a rule has chosen
// some by CT --ctevents: it has those of all others.
func TestChosenEvents(t *testing.T) {
	for name, on := range map[string]string{"all": "1", "none": "0"} {
		t.Run(name, func(t *testing.T) {
			play(t, func(w world, out *bytes.Buffer) {
				w.set("events", on)
				w.listen()
				for _, to := range []netip.Addr{b4, netip.MustParseAddr("10.2.0.9")} {
					w.send('a', udpPacket(a4, to, 1, 53, 10))
					w.send('b', udpPacket(to, a4, 53, 1, 3))
				}
				out.WriteString(w.events())
			})
		})
	}
}

// everything sends at least one packet of each protocol.
func everything(w world) {
	for _, dp := range []uint16{53, 55, 56, 57, 58} {
		w.send('a', udpPacket(a4, b4, 1, dp, 10))
	}
	w.send('b', udpPacket(b4, a4, 53, 1, 3))
	w.send('b', udpPacket(b4, a4, 56, 1, 3))
	w.send('a', udpPacket(a6, b6, 1, 53, 10))
	w.send('a', icmpPacket(a4, b4, 8, 0, 3, nil))
	w.send('a', icmpPacket(a6, b6, 128, 0, 3, nil))
	w.send('b', icmpPacket(b6, a6, 129, 0, 3, nil))
	for _, proto := range []uint8{99, nf.ProtoESP, nf.ProtoIPIP, nf.ProtoDCCP} {
		w.send('a', ip(a4, b4, proto, make([]byte, 8)))
	}
	w.send('a', ip(a6, b6, 99, nil))
	w.send('a', ip(a4, b4, nf.ProtoGRE, []byte{0, 0, 8, 0}))
	w.send('a', ip(a4, b4, nf.ProtoGRE, []byte{0x20, 1, 0x88, 0x0b, 0, 0, 0, 0x17}))
	w.send('a', sctpPacket(a4, b4, 10, 20, 0, initChunk(chunkInit, 0x11)))
	lite := append(ports(11, 2, 0, 8, 0, 0), 1, 2, 3, 4)
	sum(a4, b4, nf.ProtoUDP, lite[:8], 6)
	w.send('a', ip(a4, b4, nf.ProtoUDPLite, liteSum(a4, b4, lite)))
	f := flow{w, 1000}.open()
	f.a(tcpSpec{flags: finAck, seq: 1001, ack: 5001})
	f.b(tcpSpec{flags: finAck, seq: 5001, ack: 1002})
	f.a(tcpSpec{flags: ack, seq: 1002, ack: 5002})
	f = flow{w, 1001}
	f.a(tcpSpec{flags: syn, seq: 1})
	f.b(tcpSpec{flags: rst | ack, ack: 2})
	f = flow{w, 1002}
	f.a(tcpSpec{flags: syn, seq: 1})
	f.b(tcpSpec{flags: syn, seq: 1})
	f = flow{w, 1003}
	f.a(tcpSpec{flags: ack, seq: 1})
	f.b(tcpSpec{flags: ack, seq: 1})
}

// liteSum gives UDP-Lite a checksum over all, as the kernel verifies it.
func liteSum(src, dst netip.Addr, b []byte) []byte {
	be.PutUint16(b[4:], 0)
	sum(src, dst, nf.ProtoUDP, b, 6)
	return b
}
