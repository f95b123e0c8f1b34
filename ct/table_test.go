package ct

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

// invariants checks what must hold between packets: every live entry is found
// by both of its tuples, is in the queue no later than it expires, and is
// counted once.
func invariants(t *testing.T, tb *Table) {
	t.Helper()
	live := 0
	last := uint64(0)
	tb.ForEach(func(e *Entry) bool {
		live++
		if e.Seq <= last {
			t.Fatalf("entry %d is listed after %d", e.Seq, last)
		}
		last = e.Seq
		if tb.Entry(e.ID) != e || !e.Confirmed() || e.Dying() {
			t.Fatalf("entry %x is no live entry", e.ID)
		}
		for d := nf.DirOriginal; d <= nf.DirReply; d++ {
			if e.Status&nf.CTStatusNATClash != 0 && d == nf.DirOriginal {
				continue
			}
			half := tb.index.head(tb.index.hash(&e.Tuple[d], e.ZoneOf().In(d)))
			for half != 0 && half != halfID(e.ID&slotMask)<<1|halfID(d) {
				half = tb.at(half.slot()).next[half.dir()]
			}
			if half == 0 {
				t.Fatalf("tuple %v does not lead to entry %x", e.Tuple[d], e.ID)
			}
		}
		if q := tb.queue.heap[e.due-1]; q.slot != e.ID&slotMask || q.due > e.Expires {
			t.Fatalf("entry %x is not queued in time", e.ID)
		}
		return true
	})
	if live != tb.live || live != len(tb.queue.heap) || live != tb.Count() {
		t.Fatalf("%d entries listed, %d live, %d queued, %d counted", live, tb.live, len(tb.queue.heap), tb.Count())
	}
}

// TestInvariants plays random traffic with deaths of every kind.
func TestInvariants(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tb := newTable()
	tb.Sysctl.Max, tb.buckets = 60, 16
	freed := 0
	tb.OnFree = func(*Entry) { freed++ }
	m := &model{t: tb, now: 1e18}
	for range 20000 {
		m.now += r.Int64N(3e9)
		var p packet.Packet
		p.Data = randomPacket(r)
		if r.IntN(10) == 0 {
			p.Zone, p.ZoneDir = uint16(r.IntN(3)), uint8(1+r.IntN(3))
		}
		tb.Track(&p, nf.FamilyIPv4, nf.HookPrerouting, m.now)
		id := p.CT
		if r.IntN(10) != 0 {
			tb.Confirm(&p, m.now)
		}
		tb.Release(&p)
		if r.IntN(50) == 0 {
			tb.Kill(id)
		}
		invariants(t, tb)
	}
	tb.Flush()
	invariants(t, tb)
	if uint64(freed) != tb.seq {
		t.Errorf("%d entries made, %d freed", tb.seq, freed)
	}
}

// randomPacket gives a valid packet between a few endpoints.
func randomPacket(r *rand.Rand) []byte {
	src, dst := a4, b4
	sp, dp := uint16(r.IntN(12)), uint16(80)
	if r.IntN(2) == 0 {
		src, dst, sp, dp = dst, src, dp, sp
	}
	switch r.IntN(4) {
	case 0:
		return udpPacket(src, dst, sp, dp, 1)
	case 1:
		return icmpPacket(src, dst, uint8(8*r.IntN(2)), 0, sp|dp, nil)
	case 2:
		return ip(src, dst, uint8(r.IntN(20)+90), nil)
	}
	flags := []uint8{syn, synAck, ack, finAck, rst}[r.IntN(5)]
	return tcpPacket(src, dst, sp, dp, tcpSpec{flags: flags, seq: uint32(r.IntN(3)), ack: uint32(r.IntN(3))})
}

// TestTableFull drops the packets of new flows once nothing can make room.
func TestTableFull(t *testing.T) {
	m := newModel()
	m.t.Sysctl.Max = 20
	for i := range uint16(20) {
		m.send('a', udpPacket(a4, b4, i, 53, 1))
	}
	if got := m.send('a', udpPacket(a4, b4, 99, 53, 1)); got != "dropped" {
		t.Errorf("new flow in a full table: %s", got)
	}
	if got := m.send('b', udpPacket(b4, a4, 53, 3, 1)); got != "established/reply" {
		t.Errorf("known flow in a full table: %s", got)
	}
	if got := m.send('a', tcpPacket(a4, b4, 1, 1, tcpSpec{flags: fin})); got != "dropped" {
		t.Errorf("packet that needs an entry in a full table: %s", got)
	}
	if m.t.Stats.Drop != 2 || m.t.Count() != 20 {
		t.Errorf("%d dropped, %d entries", m.t.Stats.Drop, m.t.Count())
	}
	invariants(t, m.t)
}

// TestEarlyDrop makes room by an entry without ASSURED, never by others.
func TestEarlyDrop(t *testing.T) {
	m := newModel()
	m.t.Sysctl.Max, m.t.buckets = 10, 1 // all entries are neighbours
	for i := range uint16(5) {
		flow{m, 1000 + i}.open()
	}
	for i := range uint16(5) {
		m.send('a', udpPacket(a4, b4, i, 53, 1))
	}
	if got := m.send('a', udpPacket(a4, b4, 99, 53, 1)); got != "new" {
		t.Errorf("new flow: %s", got)
	}
	if m.t.Stats.EarlyDrop != 5 || m.t.Count() != 6 {
		t.Errorf("%d dropped early, %d entries", m.t.Stats.EarlyDrop, m.t.Count())
	}
	invariants(t, m.t)
}

// TestBuckets finds each half of the table in exactly one bucket.
func TestBuckets(t *testing.T) {
	for _, n := range []uint64{1, 7, 1024, 262144} {
		m := newModel()
		m.t.buckets = n
		for i := range uint16(500) {
			m.send('a', udpPacket(a4, b4, i, 53, 1))
		}
		halves := 0
		seen := map[uint64]bool{}
		m.t.ForEach(func(e *Entry) bool {
			for d := range e.Tuple {
				seen[bucket(m.t.index.hash(&e.Tuple[d], 0), n)] = true
			}
			return true
		})
		for b := range seen {
			m.t.index.inBucket(b, n, func(halfID) { halves++ })
		}
		if halves != 1000 {
			t.Errorf("%d buckets: %d halves", n, halves)
		}
	}
}

// TestDroppedFirstPacket leaves nothing behind.
func TestDroppedFirstPacket(t *testing.T) {
	m := newModel()
	var p packet.Packet
	for range 3 {
		p.Data = udpPacket(a4, b4, 1, 53, 1)
		m.t.Track(&p, nf.FamilyIPv4, nf.HookPrerouting, m.now)
		if p.CTInfo != nf.CTNew || p.CT == 0 || m.t.Count() != 1 {
			t.Fatalf("info %d, entry %x, count %d", p.CTInfo, p.CT, m.t.Count())
		}
		m.t.Release(&p)
	}
	if m.t.Count() != 0 || m.log.Len() != 0 {
		t.Errorf("%d entries, events %s", m.t.Count(), m.log.String())
	}
}

// TestKilledEntryStaysReadable lets the RST that ends a flow keep its entry.
func TestKilledEntryStaysReadable(t *testing.T) {
	m := newModel()
	f := flow{m, 1}
	f.a(tcpSpec{flags: syn, seq: 1})
	p := packet.Packet{Data: tcpPacket(b4, a4, 80, 1, tcpSpec{flags: rst | ack, ack: 2})}
	m.t.Track(&p, nf.FamilyIPv4, nf.HookPrerouting, m.now)
	id := p.CT
	e := m.t.Entry(id)
	if e == nil || !e.Dying() || e.TCP.State != TCPClose || m.t.Count() != 0 {
		t.Fatalf("entry %+v, count %d", e, m.t.Count())
	}
	m.t.Release(&p)
	for i := range uint16(200) {
		f := flow{m, 1000 + i}
		f.a(tcpSpec{flags: syn, seq: 1})
		f.b(tcpSpec{flags: rst | ack, ack: 2})
	}
	if m.t.Entry(id) != nil {
		t.Error("an id from long ago still finds an entry")
	}
}

// TestExpiryOrder reports ends at their own instants, in their order.
func TestExpiryOrder(t *testing.T) {
	m := newModel()
	start := m.now
	m.send('a', icmpPacket(a4, b4, 8, 0, 1, nil)) // 30 s
	m.send('a', sctpPacket(a4, b4, 1, 2, 0, initChunk(chunkInit, 1)))
	m.now += 5e9
	m.send('a', icmpPacket(a4, b4, 8, 0, 1, nil))
	var at []int64
	m.t.OnEvent = func(ev *Event) { at = append(at, (ev.Time-start)/1e9) }
	m.t.Sweep(start + 1000e9)
	if len(at) != 2 || at[0] != 10 || at[1] != 35 {
		t.Errorf("ends at %v", at)
	}
}

// TestTaken is the question that NAT asks of the table.
func TestTaken(t *testing.T) {
	m := newModel()
	m.send('a', udpPacket(a4, b4, 1, 53, 1))
	p := packet.Packet{Data: udpPacket(a4.Next(), b4, 1, 53, 1)}
	m.t.Track(&p, nf.FamilyIPv4, nf.HookPrerouting, m.now)
	e := m.t.Entry(p.CT)
	reply := e.Tuple[nf.DirReply]
	if m.t.Taken(&reply, e) {
		t.Error("an entry's own tuple is taken")
	}
	reply.Dst = packet.AddrFrom(a4)
	if !m.t.Taken(&reply, e) {
		t.Error("the tuple of another entry is free")
	}
	reply.DstID = 2
	m.t.AlterReply(p.CT, reply)
	m.t.Confirm(&p, m.now)
	if _, d, ok := m.t.Lookup(&reply, DefaultZone); !ok || d != nf.DirReply {
		t.Error("the altered tuple is not in the table")
	}
	invariants(t, m.t)
}

// TestPolicy gives a flow lifetimes of its own.
func TestPolicy(t *testing.T) {
	m := newModel()
	p := m.t.NewPolicy(2, nf.ProtoTCP)
	p.Timeouts[TCPSynSent], p.Timeouts[TCPEstablished] = 9e9, 77e9
	h, err := m.t.RegisterPolicy(p)
	if err != nil {
		t.Fatal(err)
	}
	pk := packet.Packet{Data: tcpPacket(a4, b4, 1, 80, tcpSpec{flags: syn, seq: 1000})}
	m.t.Track(&pk, nf.FamilyIPv4, nf.HookPrerouting, m.now)
	e := m.t.Entry(pk.CT)
	m.t.SetPolicy(e, h)
	m.t.Confirm(&pk, m.now)
	f := flow{m, 1}
	for _, want := range []string{"SYN_SENT 9 [UNREPLIED]", "SYN_RECV 60", "ESTABLISHED 77 [ASSURED]"} {
		got := f.state()
		if want == "SYN_SENT 9 [UNREPLIED]" {
			got = "SYN_SENT 9 [UNREPLIED]"
			if e.Remaining(m.now) != 9e9 {
				t.Errorf("first lifetime %d", e.Remaining(m.now))
			}
		}
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		f.b(tcpSpec{flags: synAck, seq: 5000, ack: 1001})
		if want == "SYN_RECV 60" {
			f.a(tcpSpec{flags: ack, seq: 1001, ack: 5001})
		}
	}
}

func TestSysctls(t *testing.T) {
	s := DefaultSysctls()
	for name, want := range map[string]string{
		"tcp_timeout_established": "432000", "udp_timeout_stream": "120", "max": "262144",
		"tcp_loose": "1", "acct": "0", "tcp_max_retrans": "3", "sctp_timeout_cookie_wait": "3",
	} {
		if got, ok := s.Get(sysctlPrefix + name); !ok || got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for _, name := range SysctlNames() {
		if err := s.Set(name, "1"); err != nil {
			t.Error(err)
		}
		if got, _ := s.Get(name); got != "1" {
			t.Errorf("%s is %s after being set to 1", name, got)
		}
	}
	for _, bad := range [][2]string{{"net.ipv4.ip_forward", "1"}, {sysctlPrefix + "nonsense", "1"}, {sysctlPrefix + "acct", "2"}, {sysctlPrefix + "max", "-1"}, {sysctlPrefix + "tcp_max_retrans", "256"}} {
		if s.Set(bad[0], bad[1]) == nil {
			t.Errorf("%s = %s was accepted", bad[0], bad[1])
		}
	}
	if err := s.Set("net.nf_conntrack_max", "5"); err != nil || s.Max != 5 {
		t.Errorf("%v, max %d", err, s.Max)
	}
}

func TestInvert(t *testing.T) {
	for _, typ := range []uint16{0, 8, 13, 14, 15, 16, 17, 18} {
		tup := Tuple{L3: 2, L4: nf.ProtoICMP, SrcID: 5, DstID: typ<<8 | 3, Src: packet.AddrFrom(netip.MustParseAddr("1.2.3.4"))}
		inv, ok := tup.Invert()
		back, ok2 := inv.Invert()
		if !ok || !ok2 || back != tup || inv.ICMPCode() != 3 || inv == tup {
			t.Errorf("type %d: %v", typ, inv)
		}
	}
	for _, typ := range []uint16{3, 5, 11, 9, 200} {
		tup := Tuple{L4: nf.ProtoICMP, DstID: typ << 8}
		if _, ok := tup.Invert(); ok {
			t.Errorf("type %d has an inverse", typ)
		}
	}
}
