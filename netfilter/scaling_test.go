package netfilter

import (
	"encoding/binary"
	"testing"

	"nfvm/host"
	"nfvm/internal/scaling"
	"nfvm/packet"
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
	one, two := scaling.Measure(b, func(i int) {
		for k := range batch {
			workers[i].Process(&frames[i][k%flows])
		}
	})
	if !workers[0].followed || !workers[1].followed {
		b.Fatal("packets do not go beside each other")
	}
	b.ReportMetric(one/2/batch, "ns-alone")
	b.ReportMetric(two/batch, "ns-both")
	b.ReportMetric(one/two, "x")
	one, two = scaling.Measure(b, scaling.Loop(b))
	b.ReportMetric(one/two, "x-loop")
	one, _ = scaling.Measure(b, func(i int) {
		if i == 0 {
			for k := range batch {
				e.Process(&frames[0][k%flows])
			}
		}
	})
	b.ReportMetric(one/2/batch, "ns-plain")
}

// BenchmarkTwoWorkersNew is BenchmarkTwoWorkers with packets that all begin a flow,
// for which a worker has to be alone: in batches as they come from an interface, and
// one by one.
func BenchmarkTwoWorkersNew(b *testing.B) {
	const turn = 4096
	for _, c := range []struct {
		name  string
		batch int
	}{{"batches", 64}, {"single", 1}} {
		b.Run(c.name, func(b *testing.B) {
			w, _ := establish(b)
			var starters [2]*starter
			for i := range starters {
				starters[i] = newStarter(w.e, byte(i))
			}
			one, two := scaling.Measure(b, func(i int) {
				for range turn / c.batch {
					starters[i].w.Batch(c.batch, starters[i].next)
				}
			})
			if n := w.e.ct.Count(); n < 20 {
				b.Fatalf("%d connections", n)
			}
			b.ReportMetric(one/2/turn, "ns-alone")
			b.ReportMetric(two/turn, "ns-both")
			b.ReportMetric(one/two, "x")
		})
	}
}

// A starter begins flows, one a second, which live for thirty: so few that they stay in
// a processor's cache, be they one worker's or two's.
type starter struct {
	w     *Worker
	frame Frame
	n     int
}

func newStarter(e *Engine, host byte) *starter {
	s := &starter{w: e.Worker(nil)}
	s.frame = Frame{Link: e.host.LinkByName("lan0"), Time: 1e9, Data: udp("10.0.1.2", "192.0.2.1", 1, 53, 64, 64)}
	s.frame.Data[13] = 128 + host                    // 10.128.0.2 or 10.129.0.2
	binary.BigEndian.PutUint16(s.frame.Data[26:], 0) // no checksum
	return s
}

func (s *starter) next(int, *host.Host) *Frame {
	const ports = 50_000
	s.n++
	s.frame.Time += 1e9
	d := s.frame.Data
	binary.BigEndian.PutUint16(d[20:], uint16(1024+s.n%ports))
	d[14] = byte(s.n / ports)
	packet.FixIPv4Checksum(d)
	return &s.frame
}
