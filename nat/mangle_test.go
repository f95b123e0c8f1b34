package nat

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// segment makes a TCP packet with options and payload.
func segment(src, dst string, seq, ack uint32, opt []byte, text string) *packet.Packet {
	b := []byte{0, 21, 4, 87}
	b = binary.BigEndian.AppendUint32(b, seq)
	b = binary.BigEndian.AppendUint32(b, ack)
	b = append(b, byte((20+len(opt))/4)<<4, nf.TCPAck, 0x20, 0, 0, 0, 0, 0)
	p := new(packet.Packet)
	p.Reset(ip(src, dst, nf.ProtoTCP, slices.Concat(b, opt, []byte(text))), false)
	p.CheckIP()
	return p
}

// unused is an engine of an empty table, for entries that are in none.
func unused() *Engine { return &Engine{table: new(ct.Table)} }

func checkTCP(t *testing.T, p *packet.Packet, seq, ack uint32, text string) packet.TCP {
	t.Helper()
	q := new(packet.Packet)
	q.Reset(p.Data, false)
	if why := q.CheckIP(); why != packet.OK || !q.L4ChecksumOK() {
		t.Errorf("bad packet: %v %x", why, p.Data)
	}
	tcp, _ := q.TCP()
	if tcp.Seq() != seq || tcp.Ack() != ack || string(tcp.Payload()) != text {
		t.Errorf("seq %d ack %d %q, want %d %d %q", tcp.Seq(), tcp.Ack(), tcp.Payload(), seq, ack, text)
	}
	return tcp
}

// TestMangleTCP grows a command by two bytes, as an FTP helper does, and
// follows the connection; the numbers are from an exchange through Linux 6.18.
func TestMangleTCP(t *testing.T) {
	for _, host := range [][2]string{{"10.0.1.2", "10.0.2.2"}, {"fd01::2", "fd02::2"}} {
		c, s := host[0], host[1]
		e, en := unused(), new(ct.Entry)
		p := segment(c, s, 1007, 500, nil, "PORT 10,0,1,2,19,137\r\n")
		p.CTInfo = nf.CTEstablished
		if !e.MangleTCP(p, en, 5, 15, []byte("10,0,2,100,19,137")) || !e.AdjustSequence(p, en) {
			t.Fatal("not mangled")
		}
		checkTCP(t, p, 1007, 500, "PORT 10,0,2,100,19,137\r\n")
		sack := []byte{1, 1, 5, 10, 0, 0, 4, 0x0f, 0, 0, 4, 0x13}
		p = segment(s, c, 500, 1033, sack, "200 ok\r\n")
		p.CTInfo = nf.CTEstablishedReply
		e.AdjustSequence(p, en)
		tcp := checkTCP(t, p, 500, 1031, "200 ok\r\n")
		if a, b := binary.BigEndian.Uint32(tcp[24:]), binary.BigEndian.Uint32(tcp[28:]); a != 0x40d || b != 0x411 {
			t.Errorf("sack %#x %#x", a, b)
		}
		p = segment(c, s, 1031, 508, nil, "LIST\r\n")
		p.CTInfo = nf.CTEstablished
		e.AdjustSequence(p, en)
		checkTCP(t, p, 1033, 508, "LIST\r\n")
		p = segment(c, s, 1007, 500, nil, "PORT") // sent again: as before
		p.CTInfo = nf.CTEstablished
		e.AdjustSequence(p, en)
		checkTCP(t, p, 1007, 500, "PORT")
		if en.Status&nf.CTStatusSeqAdjust == 0 {
			t.Error("status not set")
		}
	}
}

func TestShiftsAddUp(t *testing.T) {
	e, en := unused(), new(ct.Entry)
	e.noteResize(en, nf.DirOriginal, 100, 5)
	e.noteResize(en, nf.DirOriginal, 200, -2)
	e.noteResize(en, nf.DirOriginal, 150, 9) // an old one
	e.noteResize(en, nf.DirOriginal, 300, 0)
	want := ct.SeqAdj{Pos: 200, Before: 5, After: 3}
	if got := e.table.SeqAdj(en, 0); got != want {
		t.Errorf("%+v", got)
	}
	for ack, was := range map[uint32]uint32{150: 145, 205: 200, 206: 203, 300: 297} {
		if got := unshift(&want, ack); got != was {
			t.Errorf("ack %d became %d, want %d", ack, got, was)
		}
	}
}

func TestMangleUDP(t *testing.T) {
	for _, used := range []bool{true, false} {
		p := new(packet.Packet)
		p.Reset(udp("10.0.1.2", 1, "10.0.2.2", 2), false)
		p.CheckIP()
		if !used {
			p.L4()[6], p.L4()[7] = 0, 0
		}
		if !MangleUDP(p, 1, 3, []byte("ifferent")) || string(p.L4()[8:]) != "different" {
			t.Fatalf("%q", p.L4())
		}
		q := new(packet.Packet)
		q.Reset(p.Data, false)
		if q.CheckIP() != packet.OK || !q.L4ChecksumOK() || (q.L4()[6]|q.L4()[7] != 0) != used || q.L4()[5] != 17 {
			t.Errorf("%x", p.Data)
		}
		if !MangleUDP(p, 0, 9, nil) || len(p.L4()) != 8 {
			t.Error("not emptied")
		}
		if MangleUDP(p, 0, 1, nil) || MangleUDP(p, 0, 0, make([]byte, 65535)) {
			t.Error("bytes that are not there, or too many")
		}
	}
}

func FuzzMangle(f *testing.F) {
	f.Add(segment("10.0.1.2", "10.0.2.2", 1, 2, []byte{5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0}, "text").Data, 1, 2, 9)
	f.Fuzz(func(t *testing.T, b []byte, at, size, n int) {
		p := new(packet.Packet)
		p.Reset(b, false)
		packet.FixIPv4Checksum(b)
		if p.CheckIP() != packet.OK || n < 0 || n > 70000 {
			return
		}
		e, en := unused(), &ct.Entry{Status: nf.CTStatusSeqAdjust}
		text := []byte(strings.Repeat("x", n))
		if at >= 0 && at < 70000 && size < 70000 {
			e.MangleTCP(p, en, at, size, text)
			MangleUDP(p, at, size, text)
		}
		e.AdjustSequence(p, en)
	})
}
