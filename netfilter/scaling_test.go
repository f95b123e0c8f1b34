package netfilter

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkTwoWorkers sends packets of established, translated flows through ten
// rules, by one worker and by two, in turns. It reports the median time in nanoseconds
// that a packet of each takes, how many times as many packets two take, the same of a
// loop that shares nothing, and the time of a packet without workers.
func BenchmarkTwoWorkers(b *testing.B) {
	const batch, flows = 4096, 256
	w, _ := establish(b)
	e := w.e
	var workers [2]*Worker
	var frames [2][flows]Frame
	lan, wan := e.host.LinkByName("lan0"), e.host.LinkByName("wan0")
	for i := range workers {
		for k := range frames[i] {
			port := uint16(2000 + i*flows + k)
			there := udp("10.0.1.2", "192.0.2.1", port, 53, 64, 64)
			e.Process(&Frame{Link: lan, Time: 1e9, Data: there})
			e.Process(&Frame{Link: wan, Time: 1e9, Data: udp("192.0.2.1", "203.0.113.1", 53, port, 60, 4)})
			frames[i][k] = Frame{Link: lan, Time: 4e9, Data: there}
			e.Process(&frames[i][k])
		}
		workers[i] = e.Worker(nil)
	}
	e.Advance(4e9)
	one, two := scaling(b, func(i int) {
		for k := range batch {
			workers[i].Process(&frames[i][k%flows])
		}
	})
	if !workers[0].followed || !workers[1].followed {
		b.Fatal("packets do not go beside each other")
	}
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
	one, _ = scaling(b, func(i int) {
		if i == 0 {
			for k := range batch {
				e.Process(&frames[0][k%flows])
			}
		}
	})
	b.ReportMetric(one/batch, "ns-plain")
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
