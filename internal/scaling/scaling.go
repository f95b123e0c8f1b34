// Package scaling measures for benchmarks how much more two goroutines do than one.
package scaling

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Measure gives the median time in nanoseconds that one goroutine takes to do something
// twice, and two beside each other to do it once each: it is the same work, so that
// other programs that want the processors come in between as often. Do is told which of
// the goroutines it runs in, 0 or 1.
func Measure(b *testing.B, do func(i int)) (one, two float64) {
	var ones, twos []float64
	for range max(b.N, 200) {
		ones, twos = append(ones, run(1, do)), append(twos, run(2, do))
	}
	return median(ones), median(twos)
}

// Loop is a do that shares nothing and touches no memory: what the machine has to
// give at present.
func Loop(b *testing.B) func(i int) {
	return func(i int) {
		h := uint64(i)
		for range 1 << 20 {
			h = h*0x9e3779b97f4a7c15 ^ h>>29
		}
		if h == 1 {
			b.Log("the loop is not left out")
		}
	}
}

func run(n int, do func(i int)) float64 {
	var wg sync.WaitGroup
	var ready atomic.Int32
	var began [2]time.Time
	for i := range n {
		wg.Go(func() {
			for ready.Add(1); ready.Load() < int32(n); { // both have a processor
				runtime.Gosched()
			}
			began[i] = time.Now()
			for range 2 / n {
				do(i)
			}
		})
	}
	wg.Wait()
	return float64(time.Since(began[0]))
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}
