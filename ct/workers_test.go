package ct

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

// TestFourWorkers has four workers send packets through one table, each when it has
// its lock, and through one of their own beside: tables share nothing. A fifth lists
// and saves. The table is too small, so that flows are dropped early as well.
func TestFourWorkers(t *testing.T) {
	shared := newTable()
	shared.Sysctl.Max, shared.Sysctl.Acct, shared.Sysctl.Timestamp = 40, true, true
	shared.buckets, shared.SweepStep = 16, 4
	var mu sync.Mutex
	var wg sync.WaitGroup
	now := int64(1e18)
	var own [4]*Table
	for w := range uint64(4) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, w))
			own[w] = newTable()
			own[w].Sysctl.Acct = true
			for range 300 {
				mu.Lock()
				now += r.Int64N(3e9)
				at := now
				batch(shared, r, at)
				mu.Unlock()
				batch(own[w], r, at)
			}
		})
	}
	wg.Go(func() {
		for range 100 {
			var out bytes.Buffer
			s := &Saved{}
			mu.Lock()
			if err := shared.WriteList(&out, now); err != nil {
				t.Error(err)
			}
			for next := shared.Save(s, 0, 10, ifname); next != 0; next = shared.Save(s, next, 10, ifname) {
				mu.Unlock()
				mu.Lock()
			}
			mu.Unlock()
		}
	})
	wg.Wait()
	shared.SweepStep = 0
	for _, tb := range append(own[:], shared) {
		tb.Sweep(now)
		invariants(t, tb)
	}
	if shared.Stats.Inserted < 1000 || shared.Stats.EarlyDrop == 0 {
		t.Errorf("little has happened: %+v", shared.Stats)
	}
}

// batch sends some random packets.
func batch(tb *Table, r *rand.Rand, now int64) {
	for range 16 {
		p := packet.Packet{Data: randomPacket(r)}
		tb.Track(&p, nf.FamilyIPv4, nf.HookPrerouting, now)
		tb.Confirm(&p, now)
		tb.Release(&p)
	}
}
