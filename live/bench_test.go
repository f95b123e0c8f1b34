//go:build linux

package live_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nfvm/internal/testenv"
)

// A figure is something that is measured of a router.
type figure struct {
	name, unit string
	bound      string // what keeps nfvm from more
	// flowtable puts connections into one, with the kernel too if it has them.
	flowtable bool
	// measure is told which nfvm is the router, nil for the kernel.
	measure func(*bench, *process) float64
}

var figures = []figure{
	{"tcp", "Gbit/s", "tap: the programs on the interfaces forward (fast flows); afpacket: copies out of the kernel and back, in pieces of 64 KiB; xdp: packets of 1500 bytes", false,
		func(b *bench, _ *process) float64 { return b.iperf("10.9.2.2") }},
	{"tcp6", "Gbit/s", "the same", false,
		func(b *bench, _ *process) float64 { return b.iperf("fd00:2::2") }},
	{"tcp-flowtable", "Gbit/s", "the programs on the interfaces, not nfvm, forward; xdp: packets of 1500 bytes", true,
		func(b *bench, _ *process) float64 { return b.iperf("10.9.2.2") }},
	{"tcp6-flowtable", "Gbit/s", "the same", true,
		func(b *bench, _ *process) float64 { return b.iperf("fd00:2::2") }},
	{"packets", "kpps", "one worker, as it is one flow: tap a system call to read and one to write each; xdp and afpacket the copy, and the engine", false,
		func(b *bench, _ *process) float64 { return b.packets() / 1e3 }},
	{"flood", "kpps", "the processors, which the senders take: the kernel forwards in their time, nfvm has to compete", false,
		func(b *bench, _ *process) float64 { return b.flood() / 1e3 }},
	{"processor", "µs/packet", "half is system calls and copies, a third (xdp: half) the engine", false,
		(*bench).processor},
	{"connections", "conn/s", "8 packets each, which come one by one: system calls, and waking a worker for each", false,
		func(b *bench, _ *process) float64 { return b.number("./load conns 10.9.2.2:7 2", 0) }},
	{"latency-p50", "µs", "a worker wakes for each packet, twice a round trip; the kernel forwards without", false,
		func(b *bench, _ *process) float64 { return b.number("./load rtt 10.9.2.2:7 5000", 0) }},
	{"latency-p99", "µs", "the same, and what else the processors have to do", false,
		func(b *bench, _ *process) float64 { return b.number("./load rtt 10.9.2.2:7 5000", 1) }},
}

// BenchmarkGateway measures a router with nfvm, by each driver, beside the kernel's
// own forwarding: the same rules, the same veth pairs, in turns. It prints a table:
// medians of all rounds, and in brackets those of the parts of what the kernel had
// in the same round (more is better but for latency and processor time). There is one
// round more than is asked for: three take about six minutes.
//
//	go test ./live -run '^$' -bench Gateway -benchtime 2x
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
	ofKernel := rules
	if f.flowtable {
		rules = l.withFlowtable(rules)
		if _, err := l.try("router", "nft -c -f "+rules, commandLimit); err == nil {
			ofKernel = rules
		}
	}
	for range b.N {
		l.sh("router", "nft -f "+ofKernel)
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

// withFlowtable gives a file of the same rules, with a flowtable that all forwarded
// connections are put into.
func (l *bench) withFlowtable(rules string) string {
	text, err := os.ReadFile(rules)
	if err != nil {
		l.b.Fatal(err)
	}
	const table, chain = "table inet gateway {\n", "type filter hook forward priority filter\n\t\tpolicy drop\n"
	out := strings.Replace(string(text), table, table+"\tflowtable f {\n\t\thook ingress priority filter\n\t\tdevices = { r1, r2 }\n\t}\n", 1)
	out = strings.Replace(out, chain, chain+"\t\tct state established flow add @f\n", 1)
	name := filepath.Join(l.dir, "flowtable.nft")
	if err := os.WriteFile(name, []byte(out), 0o600); err != nil {
		l.b.Fatal(err)
	}
	return name
}

func median[T cmp.Ordered](list []T) T { return slices.Sorted(slices.Values(list))[len(list)/2] }
