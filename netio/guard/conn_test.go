//go:build linux

package guard

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// connOf is a connection as the table has it.
func connOf(w ct.Windows) (c Conn) {
	for d := range c.Side {
		s := &w.Side[d]
		c.Side[d] = ConnSide{End: s.End, MaxEnd: s.MaxEnd, MaxWin: s.MaxWin, MaxAck: s.MaxAck, Scale: uint32(s.Scale)}
		if w.Unacked[d] {
			c.Side[d].Unacked = 1
		}
		if w.Sack[d] {
			c.Side[d].Sack = 1
		}
	}
	c.LastDir, c.LastSeq, c.LastAck, c.LastEnd = uint32(w.LastDir), w.LastSeq, w.LastAck, w.LastEnd
	c.LastWin, c.Repeats = uint32(w.LastWin), uint32(w.Repeats)
	return c
}

// put puts what a Conn knows into the table.
func (c *Conn) put(e *ct.Entry) {
	w := e.Windows()
	for d := range c.Side {
		s := &c.Side[d]
		w.Side[d].End, w.Side[d].MaxEnd, w.Side[d].MaxWin, w.Side[d].MaxAck = s.End, s.MaxEnd, s.MaxWin, s.MaxAck
		w.Unacked[d] = s.Unacked != 0
	}
	w.LastDir, w.LastSeq, w.LastAck, w.LastEnd = nf.Dir(c.LastDir), c.LastSeq, c.LastAck, c.LastEnd
	w.LastWin, w.Repeats = uint16(c.LastWin), uint8(c.Repeats)
	e.SetWindows(&w)
}

// A talk is a TCP connection between two ends that send what they like.
type talk struct {
	family   nf.Family
	src, dst packet.Addr
	seq      [2]uint32 // what each has sent
	scale    uint8
}

// frame is a segment of one direction, which may be out of all windows.
func (k *talk) frame(d nf.Dir, s packet.Segment, payload int) []byte {
	src, dst, sp, dp := k.src, k.dst, uint16(40000), uint16(80)
	etherType := nf.EtherTypeIPv4
	if k.family == nf.FamilyIPv6 {
		etherType = nf.EtherTypeIPv6
	}
	if d == nf.DirReply {
		src, dst, sp, dp = dst, src, dp, sp
	}
	p := ports(sp, dp)
	s.Family, s.Src, s.Dst, s.SrcPort, s.DstPort, s.TTL = k.family, src, dst, [2]byte(p[:2]), [2]byte(p[2:]), 64
	b := s.Append(binary.BigEndian.AppendUint16(make([]byte, 12), uint16(etherType)))
	if payload == 0 {
		return b
	}
	b = append(b, make([]byte, payload)...)
	var x packet.Packet
	x.Reset(b, true)
	size := len(b) - etherSize
	if k.family == nf.FamilyIPv4 {
		binary.BigEndian.PutUint16(b[etherSize+2:], uint16(size))
		binary.BigEndian.PutUint16(b[etherSize+10:], 0)
		binary.BigEndian.PutUint16(b[etherSize+10:], ^packet.Fold(packet.Sum16(b[etherSize:etherSize+ipv4Size])))
	} else {
		binary.BigEndian.PutUint16(b[etherSize+4:], uint16(size-ipv6Size))
	}
	x.ParseEther()
	x.CheckIP()
	l4 := x.L4()
	binary.BigEndian.PutUint16(l4[16:], 0)
	binary.BigEndian.PutUint16(l4[16:], ^packet.Fold(packet.PseudoSum(k.family, &src, &dst, nf.ProtoTCP, len(l4))+packet.Sum16(l4)))
	return b
}

// track has a table see a frame, at a time.
func (k *talk) track(t *testing.T, tb *ct.Table, frame []byte, now int64) *ct.Entry {
	t.Helper()
	var p packet.Packet
	p.Reset(append([]byte(nil), frame...), true)
	if p.ParseEther() != packet.OK || p.CheckIP() != packet.OK {
		t.Fatalf("a frame is wrong: % x", frame)
	}
	tb.Track(&p, k.family, nf.HookPrerouting, now)
	tb.Confirm(&p, now)
	return tb.Entry(p.CT)
}

// begin has tables see the connection's beginning, which makes it steady.
func (k *talk) begin(t *testing.T, now int64, tables ...*ct.Table) (entries []*ct.Entry) {
	offer := []byte{2, 4, 5, 180, 4, 2, 1, 1, 3, 3, k.scale, 1}
	for _, tb := range tables {
		k.seq = [2]uint32{0xffffff00, 77}
		k.track(t, tb, k.frame(0, packet.Segment{Seq: k.seq[0] - 1, Flags: nf.TCPSyn, Window: 60000, Options: offer}, 0), now)
		k.track(t, tb, k.frame(1, packet.Segment{Seq: k.seq[1] - 1, Ack: k.seq[0], Flags: nf.TCPSyn | nf.TCPAck, Window: 60000, Options: offer}, 0), now)
		e := k.track(t, tb, k.frame(0, packet.Segment{Seq: k.seq[0], Ack: k.seq[1], Flags: nf.TCPAck, Window: 500}, 0), now)
		k.track(t, tb, k.frame(1, packet.Segment{Seq: k.seq[1], Ack: k.seq[0], Flags: nf.TCPAck, Window: 500}, 0), now)
		if e == nil || !tb.Steady(e, now) {
			t.Fatalf("the connection is not steady: %+v", e)
		}
		entries = append(entries, e)
	}
	return entries
}

// blocks appends some of selective acknowledgment, most of what was sent.
func blocks(r *rand.Rand, sent uint32, b []byte, n int) []byte {
	for range n {
		right := sent - uint32(r.IntN(5000))
		if r.IntN(20) == 0 {
			right += 1 << 20
		}
		b = binary.BigEndian.AppendUint32(b, right-1000)
		b = binary.BigEndian.AppendUint32(b, right)
	}
	return b
}

// segment is one of a direction, most often where it is expected.
func (k *talk) segment(r *rand.Rand, d nf.Dir) (s packet.Segment, payload int) {
	s = packet.Segment{Seq: k.seq[d], Ack: k.seq[1-d], Flags: nf.TCPAck, Window: uint16(r.IntN(700))}
	odd := func() uint32 {
		switch r.IntN(12) {
		case 0:
			return uint32(r.IntN(3))
		case 1:
			return -uint32(r.IntN(3000))
		case 2:
			return uint32(r.IntN(200000)) - 100000
		}
		return 0
	}
	s.Seq += odd()
	s.Ack += odd()
	if r.IntN(3) > 0 {
		payload = r.IntN(3000)
	}
	switch r.IntN(12) {
	case 0:
		s.Flags |= nf.TCPPsh
	case 1:
		s.Window = 0
	case 2:
		s.Options = []byte{1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 9}
	case 3:
		s.Flags |= nf.TCPUrg
	case 4:
		s.Flags |= nf.TCPEce
	case 5:
		n := 1 + r.IntN(4)
		s.Options = blocks(r, k.seq[1-d], []byte{1, 1, 5, byte(2 + 8*n)}, n)
	case 6:
		n := 1 + r.IntN(3)
		s.Options = blocks(r, k.seq[1-d], []byte{1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 5, byte(2 + 8*n)}, n)
	default:
		s.Options = []byte{1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}
	}
	return s, payload
}

// TestConnFollowed: the programs follow a connection as the table does, whatever comes,
// where what they don't pass on is the table's, which then has their knowledge.
func TestConnFollowed(t *testing.T) {
	f, tc, _ := newFlowPrograms(t)
	r := rand.New(rand.NewPCG(5, 6))
	for _, family := range []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6} {
		k := &talk{family: family, scale: 7}
		if k.src, k.dst = addrs("10.9.1.2", "192.0.2.255"); family == nf.FamilyIPv6 {
			k.src, k.dst = addrs("fd00:1::2", "2001:db8::ffff")
		}
		alone, beside := ct.New(ct.Config{}), ct.New(ct.Config{})
		now := int64(1e18)
		entries := k.begin(t, now, alone, beside)
		want, e := entries[0], entries[1]
		for d := nf.DirOriginal; d <= nf.DirReply; d++ {
			x := &e.Tuple[d]
			key := FlowKey{In: flowIn, Family: family, Proto: nf.ProtoTCP, Src: x.Src, Dst: x.Dst, SrcPort: x.SrcID, DstPort: x.DstID}
			way := FlowWay{Src: x.Src, Dst: x.Dst, SrcPort: x.SrcID, DstPort: x.DstID, Out: 9, MTU: 9000, Conn: 1, Dir: d}
			if err := f.Put(&key, &way); err != nil {
				t.Fatal(err)
			}
		}
		c := connOf(e.Windows())
		if err := f.PutConn(1, &c); err != nil {
			t.Fatal(err)
		}
		passed, last, repeated := [2]uint64{}, int64(0), false
		again := k.frame(0, packet.Segment{Seq: k.seq[0], Ack: k.seq[1], Flags: nf.TCPAck, Window: 500}, 0)
		const steps = 20000
		for range steps {
			now += r.Int64N(1e9)
			d := nf.Dir(r.IntN(2))
			s, payload := k.segment(r, d)
			frame := k.frame(d, s, payload)
			if r.IntN(8) == 0 { // once more
				frame, payload = again, len(again)-len(k.frame(d, s, 0))
			}
			again = frame
			accepted := k.track(t, alone, frame, now) != nil
			if v, _ := run(t, tc, frame, uint32(max(payload, 0))); v == redirected {
				if passed[0]++; !accepted {
					t.Fatalf("%v: passed, and does not fit: %+v", family, s)
				}
				last = now
			} else {
				passed[1]++
				got, err := f.TakeConn(1)
				if err != nil {
					t.Fatal(err)
				}
				if v, _ := run(t, tc, k.frame(d, packet.Segment{Seq: k.seq[d], Ack: k.seq[1-d], Flags: nf.TCPAck, Window: 7}, 0), 0); v != missed {
					t.Fatalf("%v: passed while the connection is taken", family)
				}
				got.put(e)
				if last != 0 {
					beside.Followed(e, last)
				}
				k.track(t, beside, frame, now)
				last = 0
				c := connOf(e.Windows())
				if err := f.PutConn(1, &c); err != nil {
					t.Fatal(err)
				}
			}
			if accepted && int32(s.Seq+uint32(payload)-k.seq[d]) > 0 {
				k.seq[d] = want.Windows().Side[d].End
			}
			got, _ := f.Conn(1)
			if got.Use = [2]FlowUse{}; got != connOf(want.Windows()) {
				t.Fatalf("%v, behind %v %+v (%d):\ngot  %+v\nwant %+v", family, d, s, payload, got, connOf(want.Windows()))
			}
			repeated = repeated || got.Repeats > 0
		}
		got, _ := f.TakeConn(1)
		got.put(e)
		if last != 0 {
			beside.Followed(e, last)
		}
		if e.Expires != want.Expires {
			t.Errorf("%v: ends at %d, want %d", family, e.Expires, want.Expires)
		}
		if passed[0] < steps/10 || passed[1] < steps/10 || !repeated {
			t.Errorf("%v: %d passed and %d did not; repeated %v", family, passed[0], passed[1], repeated)
		}
	}
}

// datagram is a UDP packet of three bytes without a checksum.
func datagram(k *FlowKey) []byte {
	etherType, header := nf.EtherTypeIPv4, ipv4Size
	if k.Family == nf.FamilyIPv6 {
		etherType, header = nf.EtherTypeIPv6, ipv6Size
	}
	b := binary.BigEndian.AppendUint16(make([]byte, 12), uint16(etherType))
	b = append(b, make([]byte, header+11)...)
	ip := b[etherSize:]
	if k.Family == nf.FamilyIPv4 {
		ip[0], ip[3], ip[8], ip[9] = 0x45, byte(len(ip)), 64, nf.ProtoUDP
		copy(ip[12:], k.Src[:4])
		copy(ip[16:], k.Dst[:4])
		packet.FixIPv4Checksum(ip)
	} else {
		ip[0], ip[5], ip[6], ip[7] = 0x60, 11, nf.ProtoUDP, 64
		copy(ip[8:], k.Src[:])
		copy(ip[24:], k.Dst[:])
	}
	p := ports(k.SrcPort, k.DstPort)
	copy(ip[header:], p[:])
	ip[header+5] = 11
	return b
}

// TestConnPlain: of datagrams those are passed on and counted that are as the routed
// one, and whose checksums are right or none; what is behind them is cut off.
func TestConnPlain(t *testing.T) {
	f, tc, _ := newFlowPrograms(t)
	for _, family := range []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6} {
		x := newTestFlow(family)
		x.key.Proto = nf.ProtoUDP
		back := FlowKey{In: flowIn, Family: family, Proto: nf.ProtoUDP, Src: x.way.Dst, Dst: x.way.Src, SrcPort: x.way.DstPort, DstPort: x.way.SrcPort}
		if err := f.PutConn(5, &Conn{}); err != nil {
			t.Fatal(err)
		}
		x.way.Conn = 5
		if err := f.Put(&x.key, &x.way); err != nil {
			t.Fatal(err)
		}
		if err := f.Put(&back, &FlowWay{Src: x.key.Dst, Dst: x.key.Src, SrcPort: x.key.DstPort, DstPort: x.key.SrcPort, Out: 9, MTU: 100, Conn: 5, Dir: 1}); err != nil {
			t.Fatal(err)
		}
		tos := func(b []byte, v byte) []byte {
			if family == nf.FamilyIPv4 {
				b[etherSize+1] = v
				packet.FixIPv4Checksum(b[etherSize : etherSize+ipv4Size])
			} else {
				b[etherSize] |= v >> 4
				b[etherSize+1] |= v << 4
			}
			return b
		}
		sumAt := etherSize + packet.L4SumOffset(family, nf.ProtoUDP)
		if sumAt += ipv4Size; family == nf.FamilyIPv6 {
			sumAt += ipv6Size - ipv4Size
		}
		for _, c := range []struct {
			name  string
			frame []byte
			want  uint32
		}{
			{"there", datagram(&x.key), redirected},
			{"back", datagram(&back), redirected},
			{"congestion", tos(datagram(&x.key), 3), redirected},
			{"padded", append(datagram(&x.key), 0, 0, 0), redirected},
			{"service", tos(datagram(&x.key), 4), missed},
			{"unknown checksum", func() []byte { b := datagram(&x.key); b[sumAt] = 9; return b }(), missed},
		} {
			if v, out := run(t, tc, c.frame, 0); v != c.want || v == missed && string(out) != string(c.frame) {
				t.Errorf("%v, %s: %d", family, c.name, v)
			}
		}
		if family == nf.FamilyIPv4 {
			b := datagram(&x.key)
			b[etherSize+10]++
			if v, _ := run(t, tc, b, 0); v != missed {
				t.Errorf("wrong header checksum: %d", v)
			}
		}
		c, err := f.TakeConn(5)
		size := uint64(len(datagram(&x.key)) - etherSize)
		if err != nil || c.Use[0].Packets != 3 || c.Use[0].Bytes != 3*size || c.Use[1].Packets != 1 || c.Use[1].Bytes != size {
			t.Errorf("%v: %+v, %v", family, c.Use, err)
		}
		if v, _ := run(t, tc, datagram(&back), 0); v != missed {
			t.Errorf("%v: passed on though it is taken: %d", family, v)
		}
		f.RemoveConn(5)
		f.Remove(&x.key)
		f.Remove(&back)
	}
}
