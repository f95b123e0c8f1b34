package ct

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nfvm/internal/lane"
)

// BenchmarkTwoWorkers sends packets of established flows through one table, by one
// worker and by two, in turns. It reports the least time in nanoseconds that a packet
// of each takes, how many times as many packets two take, and the same of a loop that
// shares nothing: what the machine has to give at present.
func BenchmarkTwoWorkers(b *testing.B) {
	m := established(20_000)
	var road lane.Road
	const batch, flows = 8192, 4096
	r := rand.New(rand.NewPCG(1, 2))
	var packets [2][][]byte
	var workers [2]*sideBySide
	for i := range workers {
		workers[i] = newSideBySide(m.t, &road)
		for range flows {
			port := uint16(r.IntN(10_000)*2 + i + 1)
			packets[i] = append(packets[i], tcpPacket(a4, b4, port, 80, tcpSpec{flags: ack, seq: 1001, ack: 5001}))
		}
	}
	one, two := scaling(b, func(i int) {
		for k := range batch {
			workers[i].pass(packets[i][k%flows], m.now)
		}
	})
	b.ReportMetric(one/batch, "ns-alone")
	b.ReportMetric(two/batch, "ns-both")
	b.ReportMetric(2*one/two, "x")
	one, two = scaling(b, func(i int) {
		h := uint64(i)
		for range 1 << 20 {
			h = h*0x9e3779b97f4a7c15 ^ h>>29
		}
		if h == 1 {
			b.Log("the loop is not left out")
		}
	})
	b.ReportMetric(2*one/two, "x-loop")
}

// scaling gives the least time in nanoseconds that one goroutine and two beside each
// other take for do.
func scaling(b *testing.B, do func(i int)) (one, two float64) {
	run := func(n int) float64 {
		var wg sync.WaitGroup
		var ready atomic.Int32
		var began [2]time.Time
		for i := range n {
			wg.Go(func() {
				for ready.Add(1); ready.Load() < int32(n); { // both have a processor
					runtime.Gosched()
				}
				began[i] = time.Now()
				do(i)
			})
		}
		wg.Wait()
		return float64(time.Since(began[0]))
	}
	one, two = run(1), run(2)
	for range max(b.N, 100) {
		one, two = min(one, run(1)), min(two, run(2))
	}
	return one, two
}
