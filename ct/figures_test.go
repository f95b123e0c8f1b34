package ct

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nfvm/nf"
	"nfvm/packet"
)

// A crowd is a table with many flows of UDP, of which the n-th goes from an
// address and a port of its own.
type crowd struct {
	t    *Table
	now  int64
	data []byte // the packet that is sent
}

func newCrowd(n int) *crowd {
	c := &crowd{t: newTable(), now: 1e18, data: udpPacket(a4, b4, 1, 53, 1)}
	c.t.Sysctl.Max = 0
	c.t.SweepStep = 8
	for i := range n {
		c.send(uint32(i))
	}
	return c
}

// address makes the packet one of the n-th flow; nobody looks at its checksum.
func (c *crowd) address(n uint32) {
	binary.BigEndian.PutUint32(c.data[12:], 0x0a000000|n>>12)
	binary.BigEndian.PutUint16(c.data[20:], uint16(n&0xfff)+1)
}

func (c *crowd) send(n uint32) {
	c.address(n)
	p := packet.Packet{Data: c.data}
	c.t.Track(&p, nf.FamilyIPv4, nf.HookOutput, c.now)
	c.t.Confirm(&p, c.now)
	c.t.Release(&p)
}

// threadTime is the time that this thread has run, in nanoseconds: other programs
// don't count.
func threadTime() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		return time.Now().UnixNano()
	}
	return ts.Nano()
}

// BenchmarkHit measures a packet of a known flow, the flows in random order; ns/least
// is the mean of the fastest 512 in a row, which other programs don't disturb.
func BenchmarkHit(b *testing.B) {
	for _, n := range []int{1000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := newCrowd(n)
			r := rand.New(rand.NewPCG(1, 2))
			least, begun, sent := time.Duration(math.MaxInt64), time.Now(), 0
			for b.Loop() {
				c.now++
				c.send(r.Uint32N(uint32(n)))
				if sent++; sent%512 == 0 {
					at := time.Now()
					least, begun = min(least, at.Sub(begun)), at
				}
			}
			b.ReportMetric(float64(least)/512, "ns/least")
			if got := c.t.Count(); got != n {
				b.Fatalf("%d flows, want %d", got, n)
			}
		})
	}
}

// BenchmarkNewFlows measures the first packet of a flow, in a table from which as
// many expire.
func BenchmarkNewFlows(b *testing.B) {
	const lifetime, live = 30e9, 100_000
	c := newCrowd(0)
	n := uint32(0)
	for b.Loop() {
		c.now += lifetime / live
		c.send(n)
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "flows/s")
}

// BenchmarkMillion measures what a million flows take: bytes of resident memory
// for each, the pauses of the garbage collector, and its share of the time while
// flows come and go.
func BenchmarkMillion(b *testing.B) {
	const n = 1_000_000
	debug.FreeOSMemory()
	before := resident(b)
	c := newCrowd(n)
	debug.FreeOSMemory()
	size := float64(resident(b)-before) / n
	gc := collector()
	begun := threadTime()
	next := uint32(n)
	for b.Loop() {
		c.now += 30e9 / n
		c.send(next)
		next++
	}
	busy := float64(threadTime()-begun) / 1e9
	after := collector() // before the one that is made
	pause := time.Now()
	runtime.GC()
	b.ReportMetric(float64(time.Since(pause).Microseconds()), "µs/full-gc")
	b.ReportMetric(size, "B/flow")
	b.ReportMetric(100*(after.cpu-gc.cpu)/max(busy, 1e-9), "gc-%")
	b.ReportMetric(float64(collector().worst.Microseconds()), "µs/worst-pause")
	runtime.KeepAlive(c)
}

// resident is the memory of this process that is in use, in bytes.
func resident(b *testing.B) int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Fatal(err)
	}
	var size, pages int64
	fmt.Sscan(string(text), &size, &pages)
	return pages * int64(os.Getpagesize())
}

type collected struct {
	cpu   float64 // seconds
	worst time.Duration
}

// collector tells what the garbage collector has cost until now.
func collector() collected {
	s := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(s)
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	c := collected{cpu: s[0].Value.Float64()}
	for _, p := range stats.Pause {
		c.worst = max(c.worst, p)
	}
	return c
}

// BenchmarkChurn measures the longest that one packet takes while flows come and
// expire in a table of a million, and when all expire at once, in the time of the
// thread; beside it stands the longest that nothing takes.
func BenchmarkChurn(b *testing.B) {
	const n = 1_000_000
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := newCrowd(0)
	took := make([]int64, 0, 4*n)
	next := uint32(0)
	one := func() {
		begun := threadTime()
		c.send(next)
		took = append(took, threadTime()-begun)
		next++
	}
	for range n { // the table grows
		one()
	}
	grown := slices.Max(took)
	for b.Loop() {
		c.now += 30e9 / n
		one()
		if len(took) == cap(took) {
			took = took[:n]
		}
	}
	c.now += 60e9 // all of them expire at once
	for range 20_000 {
		one()
	}
	b.ReportMetric(float64(worstOfNothing(len(took)))/1e3, "µs/worst-of-nothing")
	b.ReportMetric(float64(grown)/1e3, "µs/worst-growing")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*999/1000])/1e3, "µs/99.9%")
	b.ReportMetric(float64(took[len(took)-1])/1e3, "µs/worst")
}

// worstOfNothing is the longest that a few memory accesses take on this machine, out
// of n times: what an interrupt or the hypervisor adds to anything.
func worstOfNothing(n int) (worst int64) {
	var memory [1 << 12]byte
	for i := range n {
		begun := threadTime()
		for j := 0; j < len(memory); j += 16 {
			memory[j] += byte(i)
		}
		worst = max(worst, threadTime()-begun)
	}
	return worst
}

// BenchmarkWorkers measures packets of known flows by one worker and by two, that
// share a table behind a lock, as workers of live interfaces do: each takes it for
// a batch. The second figure is how much more two do.
func BenchmarkWorkers(b *testing.B) {
	const n, batch = 100_000, 64
	rate := map[int]float64{}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			c := newCrowd(n)
			var mu sync.Mutex
			var wg sync.WaitGroup
			b.ResetTimer()
			for w := range workers {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(1, uint64(w)))
					for range b.N / workers / batch {
						mu.Lock()
						for range batch {
							c.send(r.Uint32N(n))
						}
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			rate[workers] = float64(b.N) / b.Elapsed().Seconds()
			if workers == 2 {
				b.ReportMetric(rate[2]/rate[1], "scaling")
			}
		})
	}
}
