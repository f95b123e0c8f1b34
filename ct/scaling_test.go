package ct

import (
	"math/rand/v2"
	"testing"

	"nfvm/internal/lane"
	"nfvm/internal/scaling"
)

// BenchmarkTwoWorkers sends packets of established flows through one table, by one
// worker and by two, in turns. It reports the time in nanoseconds that a packet of each
// takes, how many times as many packets two take, the same where each worker has a
// table of its own, and the same of a loop that touches no memory: what the machine has
// to give at present.
func BenchmarkTwoWorkers(b *testing.B) {
	m := established(20_000)
	one, two := scaling.Measure(b, passing(m, m))
	b.ReportMetric(one/2/turn, "ns-alone")
	b.ReportMetric(two/turn, "ns-both")
	b.ReportMetric(one/two, "x")
	one, two = scaling.Measure(b, passing(established(20_000), established(20_000)))
	b.ReportMetric(one/two, "x-apart")
	one, two = scaling.Measure(b, scaling.Loop(b))
	b.ReportMetric(one/two, "x-loop")
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
