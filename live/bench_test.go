//go:build linux

package live_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"nfvm/internal/testenv"
)

// BenchmarkGateway measures a router with nfvm beside the kernel's own
// forwarding: the same rules, the same veth pairs, in turns. Each figure is
// nfvm's; x-kernel is its part of the kernel's (more is better but for latency and
// processor time).
//
//	go test ./live -run '^$' -bench Gateway -benchtime 1x
func BenchmarkGateway(b *testing.B) {
	testenv.Need(b, testenv.Program("iperf3"))
	l := newLab(b)
	l.build("load")
	l.serve("server", "iperf3", "-s")
	l.serve("server", "./load", "echo", ":7")
	for _, port := range []string{"5201", "7"} {
		l.waitFor("server", "exec 3<>/dev/tcp/10.9.2.2/"+port)
	}
	rules := abs(b, "testdata/router.nft")
	for _, m := range []struct {
		name, unit string
		measure    func() float64
	}{
		{"tcp", "Gbit/s", func() float64 { return l.iperf(b, "") }},
		{"tcp6", "Gbit/s", func() float64 { return l.iperf(b, "6") }},
		{"packets", "kpps", func() float64 { return l.packets(b) / 1e3 }},
		{"connections", "conn/s", func() float64 { return l.number(b, "./load conns 10.9.2.2:7 3", 0) }},
		{"latency-p50", "µs", func() float64 { return l.number(b, "./load rtt 10.9.2.2:7 20000", 0) }},
		{"latency-p99", "µs", func() float64 { return l.number(b, "./load rtt 10.9.2.2:7 20000", 1) }},
	} {
		b.Run(m.name, func(b *testing.B) {
			var kernel, ours float64
			for range b.N {
				l.sh("router", "nft -f "+rules)
				kernel += m.measure()
				l.sh("router", "nft flush ruleset")
				p := l.guard("--iface", "r1", "--iface", "r2", rules)
				ours += m.measure()
				p.end(os.Interrupt)
			}
			b.ReportMetric(ours/float64(b.N), m.unit)
			b.ReportMetric(ours/kernel, "x-kernel")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// iperf gives the rate of one TCP stream through the router in Gbit/s.
func (l *lab) iperf(b *testing.B, six string) float64 {
	addr := "10.9.2.2"
	if six != "" {
		addr = "fd00:2::2"
	}
	var out struct {
		End struct {
			Received struct {
				Rate float64 `json:"bits_per_second"`
			} `json:"sum_received"`
		}
	}
	text := l.sh("client", "iperf3 -J -t 3 -c "+addr)
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		b.Fatalf("%v\n%s", err, text)
	}
	return out.End.Received.Rate / 1e9
}

// packets gives how many small UDP packets a second come through.
func (l *lab) packets(b *testing.B) float64 {
	before, start := l.received(b), time.Now()
	l.sh("client", "for i in 1 2; do ./load flood 10.9.2.2:7 1000 3 & done; wait")
	return float64(l.received(b)-before) / time.Since(start).Seconds()
}

func (l *lab) received(b *testing.B) int {
	n, err := strconv.Atoi(strings.TrimSpace(l.sh("server", "cat /sys/class/net/s1/statistics/rx_packets")))
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// number gives the i-th number that a program at the client prints.
func (l *lab) number(b *testing.B, script string, i int) float64 {
	text := l.sh("client", script)
	fields := strings.Fields(text)
	if i >= len(fields) {
		b.Fatalf("%s: %s", script, text)
	}
	v, err := strconv.ParseFloat(fields[i], 64)
	if err != nil {
		b.Fatal(err)
	}
	return v
}
