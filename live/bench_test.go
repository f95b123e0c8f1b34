//go:build linux

package live_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"nfvm/internal/testenv"
)

// A figure is something that is measured of a router.
type figure struct {
	name, unit string
	bound      string // what keeps nfvm from more
	// measure is told which nfvm is the router, nil for the kernel.
	measure func(*bench, *process) float64
}

var figures = []figure{
	{"tcp", "Gbit/s", "copies out of the kernel and back, in pieces of 64 KiB; xdp: packets of 1500 bytes",
		func(b *bench, _ *process) float64 { return b.iperf("10.9.2.2") }},
	{"tcp6", "Gbit/s", "the same",
		func(b *bench, _ *process) float64 { return b.iperf("fd00:2::2") }},
	{"packets", "kpps", "one worker, as it is one flow: tap a system call to read and one to write each; xdp and afpacket the copy, and the engine",
		func(b *bench, _ *process) float64 { return b.packets() / 1e3 }},
	{"flood", "kpps", "the processors, which the senders take: the kernel forwards in their time, nfvm has to compete",
		func(b *bench, _ *process) float64 { return b.flood() / 1e3 }},
	{"processor", "µs/packet", "half is system calls and copies, a third (xdp: half) the engine",
		(*bench).processor},
	{"connections", "conn/s", "8 packets each, which come one by one: system calls, and waking a worker for each",
		func(b *bench, _ *process) float64 { return b.number("./load conns 10.9.2.2:7 2", 0) }},
	{"latency-p50", "µs", "a worker wakes for each packet, twice a round trip; the kernel forwards without",
		func(b *bench, _ *process) float64 { return b.number("./load rtt 10.9.2.2:7 10000", 0) }},
	{"latency-p99", "µs", "the same, and what else the processors have to do",
		func(b *bench, _ *process) float64 { return b.number("./load rtt 10.9.2.2:7 10000", 1) }},
}

// BenchmarkGateway measures a router with nfvm, by each driver, beside the kernel's
// own forwarding: the same rules, the same veth pairs, in turns. It prints a table:
// medians of all rounds, and in brackets those of the parts of what the kernel had
// in the same round (more is better but for latency and processor time).
//
//	go test ./live -run '^$' -bench Gateway -benchtime 5x
func BenchmarkGateway(b *testing.B) {
	testenv.Need(b, testenv.Program("iperf3"))
	l := newBench(b)
	table := []string{"| | kernel | " + strings.Join(drivers, " | ") + " | what bounds nfvm |", "|" + strings.Repeat("---|", len(drivers)+3)}
	table = append(table, make([]string, len(figures))...)
	for i, f := range figures {
		var s series
		b.Run(f.name, func(b *testing.B) { table[i+2] = l.beside(b, f, &s) })
	}
	fmt.Println("\n" + strings.Join(slices.DeleteFunc(table, func(s string) bool { return s == "" }), "\n"))
}

// A series is what was measured in all rounds: with the kernel, with each driver,
// and the parts that these are of the former.
type series struct {
	kernel        []float64
	values, parts [3][]float64
}

// beside measures with the kernel and with each driver, and gives the figure's
// line of the table.
func (l *bench) beside(b *testing.B, f figure, s *series) string {
	rules := abs(b, "testdata/router.nft")
	for range b.N {
		l.sh("router", "nft -f "+rules)
		base := f.measure(l, nil)
		s.kernel = append(s.kernel, base)
		l.sh("router", "nft flush ruleset")
		for i, driver := range drivers {
			p := l.guard("--driver", driver, "--iface", "r1", "--iface", "r2", rules)
			v := f.measure(l, p)
			p.end(os.Interrupt)
			s.values[i], s.parts[i] = append(s.values[i], v), append(s.parts[i], v/base)
		}
	}
	line := fmt.Sprintf("| %s, %s | %.3g |", f.name, f.unit, median(s.kernel))
	for i, driver := range drivers {
		v, part := median(s.values[i]), median(s.parts[i])
		b.ReportMetric(part, driver+"/kernel")
		line += fmt.Sprintf(" %.3g (%.2f) |", v, part)
	}
	b.ReportMetric(0, "ns/op")
	return line + " " + f.bound + " |"
}

func median[T cmp.Ordered](list []T) T { return slices.Sorted(slices.Values(list))[len(list)/2] }
