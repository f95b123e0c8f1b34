package ct

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"nfvm/nf"
	"nfvm/packet"
)

// invariants checks what must hold between packets: every live entry is found
// by both of its tuples, is in the queue no later than it expires, is counted
// once, and is gone after the first sweep past its expiry.
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
		if e.Expires <= tb.Now() {
			t.Fatalf("entry %x has outlived its timeout by %d ns", e.ID, tb.Now()-e.Expires)
		}
		for d := nf.DirOriginal; d <= nf.DirReply; d++ {
			if e.Status&nf.CTStatusNATClash != 0 && d == nf.DirOriginal {
				continue
			}
			at := tb.index.Probe(tb.index.hash(&e.Tuple[d], e.ZoneOf().In(d)))
			half := halfID(at.Next())
			for half != 0 && half != e.half(d) {
				half = halfID(at.Next())
			}
			if half == 0 {
				t.Fatalf("tuple %v does not lead to entry %x", e.Tuple[d], e.ID)
			}
		}
		if q := tb.queue.item(int(e.due) - 1); q.slot != e.ID&slotMask || q.due > e.Expires {
			t.Fatalf("entry %x is not queued in time", e.ID)
		}
		return true
	})
	if live != tb.live || live != tb.queue.n || live != tb.Count() {
		t.Fatalf("%d entries listed, %d live, %d queued, %d counted", live, tb.live, tb.queue.n, tb.Count())
	}
}

// TestInvariants plays random traffic with deaths of every kind.
func TestInvariants(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tb := newTable()
	tb.Sysctl.Max, tb.buckets = 60, 16
	tb.Sysctl.Acct, tb.Sysctl.Timestamp = true, true
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
	if n := tb.counters.inUse(); n != quarantine {
		t.Errorf("%d of %d counters are in use by %d entries", n, tb.counters.used, quarantine)
	}
	if n := tb.extensions.inUse(); n != quarantine {
		t.Errorf("%d of %d extensions are in use by %d entries", n, tb.extensions.used, quarantine)
	}
}

// inUse is how many values somebody has.
func (p *pool[T]) inUse() int {
	n := int(p.used)
	for at := p.free; at != 0; at = *p.link(at) {
		n--
	}
	return n
}

// TestEntrySize: a million entries are to fit into memory.
func TestEntrySize(t *testing.T) {
	if n := unsafe.Sizeof(Entry{}); n > 240 {
		t.Errorf("an entry is %d bytes", n)
	}
	if n := unsafe.Sizeof([slabSize]Entry{}); n%8192 != 0 {
		t.Errorf("a slab is %d bytes, of which the allocator makes more", n)
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
