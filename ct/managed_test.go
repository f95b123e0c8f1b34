package ct

import (
	"math/rand/v2"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

// TestInvariantsWithPrograms has programs make, change and end flows between
// packets, in a table that is swept in small steps.
func TestInvariantsWithPrograms(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	tb := newTable()
	tb.Sysctl.Max, tb.buckets, tb.SweepStep = 80, 16, 2
	now := int64(1e18)
	var ids []uint32
	for range 10000 {
		now += r.Int64N(2e9)
		switch r.IntN(6) {
		case 0:
			tuple := Tuple{Src: packet.Addr4(r.Uint32N(8)), Dst: packet.Addr4(9), SrcID: uint16(r.IntN(8)), DstID: 53, L3: 2, L4: nf.ProtoUDP}
			ids = append(ids, makeFlow(t, tb, tuple, r.Int64N(60e9)))
		case 1:
			if e := tb.Entry(pick(r, ids)); e != nil && !e.Dying() {
				tb.SetLifetime(e, r.Int64N(90e9))
				tb.AddStatus(e, nf.CTStatus(r.Uint32()))
			}
		case 2:
			tb.Kill(pick(r, ids))
		default:
			p := packet.Packet{Data: randomPacket(r)}
			tb.Track(&p, nf.FamilyIPv4, nf.HookPrerouting, now)
			tb.Confirm(&p, now)
			tb.Release(&p)
		}
		for tb.Sweep(now) {
		}
		invariants(t, tb)
	}
	if tb.Stats.Added == 0 || tb.Stats.InsertFailed == 0 {
		t.Errorf("%d flows made, %d refused: want some of both", tb.Stats.Added, tb.Stats.InsertFailed)
	}
}

func pick(r *rand.Rand, ids []uint32) uint32 {
	if len(ids) == 0 {
		return 0
	}
	return ids[r.IntN(len(ids))]
}

// makeFlow makes a flow if there is room and its tuples are free.
func makeFlow(t *testing.T, tb *Table, tuple Tuple, lifetime int64) uint32 {
	t.Helper()
	reply, ok := tuple.Invert()
	if !ok {
		t.Fatal("no inverse")
	}
	e := tb.Make(tuple, reply, DefaultZone)
	if e == nil {
		return 0
	}
	if !tb.Add(e, lifetime) {
		tb.Discard(e)
		return 0
	}
	return e.ID
}

// TestSweepInSteps ends many flows a few at a time; nobody finds the others.
func TestSweepInSteps(t *testing.T) {
	m := newModel()
	m.t.SweepStep = 3
	for sp := range uint16(10) {
		m.send('a', udpPacket(a4, b4, sp+1, 53, 1))
	}
	m.now += 31e9
	if more := m.t.Sweep(m.now); !more || m.t.Count() != 7 {
		t.Errorf("after one step there are %d flows, more: %v", m.t.Count(), more)
	}
	tuple := Tuple{Src: packet.AddrFrom(a4), Dst: packet.AddrFrom(b4), SrcID: 9, DstID: 53, L3: 2, L4: nf.ProtoUDP}
	if _, _, found := m.t.Lookup(&tuple, DefaultZone); found {
		t.Error("a flow is found that has expired")
	}
	for m.t.Sweep(m.now) {
	}
	if m.t.Count() != 0 {
		t.Errorf("%d flows are left", m.t.Count())
	}
}
