package ct

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nfvm/internal/lane"
)

// BenchmarkTwoWorkers sends packets of established flows through one table, by one
// worker and by two, in turns. It reports the time in nanoseconds that a packet of each
// takes, how many times as many packets two take, the same where each worker has a
// table of its own, and the same of a loop that touches no memory: what the machine has
// to give at present.
func BenchmarkTwoWorkers(b *testing.B) {
	m := established(20_000)
	one, two := scaling(b, passing(m, m))
	b.ReportMetric(one/turn, "ns-alone")
	b.ReportMetric(two/turn, "ns-both")
	b.ReportMetric(2*one/two, "x")
	one, two = scaling(b, passing(established(20_000), established(20_000)))
	b.ReportMetric(2*one/two, "x-apart")
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

// turn is how many packets a worker sends in one.
const turn = 8192

// passing gives what worker i does: it sends packets of flows of its own through one
// of two tables, which may be the same.
func passing(tables ...*model) func(i int) {
	const flows = 4096
	r := rand.New(rand.NewPCG(1, 2))
	var packets [2][][]byte
	var workers [2]*sideBySide
	roads := map[*model]*lane.Road{}
	for i, m := range tables {
		if roads[m] == nil {
			roads[m] = new(lane.Road)
		}
		workers[i] = newSideBySide(m.t, roads[m])
		for range flows {
			port := uint16(r.IntN(10_000)*2 + i + 1)
			packets[i] = append(packets[i], tcpPacket(a4, b4, port, 80, tcpSpec{flags: ack, seq: 1001, ack: 5001}))
		}
	}
	return func(i int) {
		for k := range turn {
			workers[i].pass(packets[i][k%flows], tables[i].now)
		}
	}
}

// scaling gives the median time in nanoseconds that one goroutine and two beside each
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
	var ones, twos []float64
	for range max(b.N, 200) {
		ones, twos = append(ones, run(1)), append(twos, run(2))
	}
	return median(ones), median(twos)
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}
