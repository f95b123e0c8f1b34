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
// flows come and go. Beside it stands what they take when they are counted, too.
func BenchmarkMillion(b *testing.B) {
	const n = 1_000_000
	size := take(b, n, func(*Table) {})
	counted := take(b, n, func(t *Table) { t.Sysctl.Acct = true })
	c := newCrowd(n)
	debug.FreeOSMemory()
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
	b.ReportMetric(counted, "B/counted-flow")
	b.ReportMetric(100*(after.cpu-gc.cpu)/max(busy, 1e-9), "gc-%")
	b.ReportMetric(float64(collector().worst.Microseconds()), "µs/worst-pause")
	runtime.KeepAlive(c)
}

// take is how many bytes of resident memory each of n flows takes in a table with
// some settings.
func take(b *testing.B, n int, set func(*Table)) float64 {
	debug.FreeOSMemory()
	before := resident(b)
	c := newCrowd(0)
	set(c.t)
	for i := range n {
		c.send(uint32(i))
	}
	debug.FreeOSMemory()
	defer runtime.KeepAlive(c)
	return float64(resident(b)-before) / float64(n)
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

// BenchmarkChurn measures the longest that one packet takes, in the time of the
// thread, while a table grows to a million flows, a million come and as many expire,
// and all expire at once. Beside it stands the longest of nothing in as much time:
// what an interrupt or the hypervisor adds to anything. What the table itself lets a
// packet wait for comes again in each of three equal runs: worst-again is the longest
// that none of them falls below.
func BenchmarkChurn(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var runs [3][]int64
	for b.Loop() {
		for i := range runs {
			debug.FreeOSMemory()
			runs[i] = churn(runs[i][:0])
		}
	}
	var worst, sum, again int64
	for i, took := range runs[0] {
		sum += took
		worst = max(worst, took, runs[1][i], runs[2][i])
		again = max(again, min(took, runs[1][i], runs[2][i]))
	}
	b.ReportMetric(float64(worstOfNothing(3*sum))/1e3, "µs/worst-of-nothing")
	b.ReportMetric(float64(worst)/1e3, "µs/worst")
	b.ReportMetric(float64(again)/1e3, "µs/worst-again")
	slices.Sort(runs[0])
	b.ReportMetric(float64(runs[0][len(runs[0])*999/1000])/1e3, "µs/99.9%")
}

// churn sends the packets of BenchmarkChurn and tells what each took.
func churn(took []int64) []int64 {
	const n = 1_000_000
	c := newCrowd(0)
	for next := range uint32(2*n + 20_000) {
		c.now += 30e9 / n
		if next == 2*n {
			c.now += 60e9
		}
		begun := threadTime()
		c.send(next)
		took = append(took, threadTime()-begun)
	}
	return took
}

// worstOfNothing is the longest that a few memory accesses take on this machine
// within some time of the thread.
func worstOfNothing(within int64) (worst int64) {
	var memory [1 << 12]byte
	for end := threadTime() + within; ; {
		begun := threadTime()
		if begun > end {
			return worst
		}
		for j := 0; j < len(memory); j += 16 {
			memory[j]++
		}
		worst = max(worst, threadTime()-begun)
	}
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
