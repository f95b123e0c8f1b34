package ct

import (
	"testing"

	"nfvm/internal/hashindex"
	"nfvm/nf"
	"nfvm/packet"
)

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
	m.t.Sysctl.Max, m.t.buckets = 10, 1 // all entries are neighbors
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
				seen[hashindex.Bucket(m.t.index.hash(&e.Tuple[d], 0), n)] = true
			}
			return true
		})
		for b := range seen {
			m.t.index.InBucket(b, n, func(uint32) { halves++ })
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

// TestRemaining reads a lifetime in whole jiffies.
func TestRemaining(t *testing.T) {
	start := int64(1_000_000_000_000) + 3e6 // 1 ms before the next jiffy
	e := &Entry{Status: nf.CTStatusConfirmed, Expires: start + 30e9}
	for _, test := range []struct{ after, want int64 }{
		{0, 30e9}, {9e5, 30e9}, {1e6, 30e9 - 4e6}, {4e6, 30e9 - 4e6}, {30e9 - 1, 0}, {30e9, 0}, {31e9, 0},
	} {
		if got := e.Remaining(start + test.after); got != test.want {
			t.Errorf("after %d ns %d ns, want %d", test.after, got, test.want)
		}
	}
	e.Status = 0
	if got := e.Remaining(start); got != 0 {
		t.Errorf("unconfirmed: %d", got)
	}
}
