//go:build linux

package live_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"nfvm/internal/testenv"
)

// BenchmarkGateway measures a router with nfvm, by each driver, beside the kernel's
// own forwarding: the same rules, the same veth pairs, in turns. Each figure is
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
	// Port 9 is for packets that are only counted.
	l.sh("server", "nft add table netdev d; nft 'add chain netdev d c { type filter hook ingress device s1 priority 0; }'; nft add rule netdev d c udp dport 9 drop")
	for _, m := range []struct {
		name, unit string
		measure    func() float64
	}{
		{"tcp", "Gbit/s", func() float64 { return l.iperf(b, "") }},
		{"tcp6", "Gbit/s", func() float64 { return l.iperf(b, "6") }},
		{"packets", "kpps", func() float64 { return l.packets(b) / 1e3 }},
		{"flood", "kpps", func() float64 { return l.flood(b) / 1e3 }},
		{"processor", "µs/packet", func() float64 { return l.processor(b) }},
		{"connections", "conn/s", func() float64 { return l.number(b, "./load conns 10.9.2.2:7 3", 0) }},
		{"latency-p50", "µs", func() float64 { return l.number(b, "./load rtt 10.9.2.2:7 20000", 0) }},
		{"latency-p99", "µs", func() float64 { return l.number(b, "./load rtt 10.9.2.2:7 20000", 1) }},
	} {
		b.Run(m.name, func(b *testing.B) { l.beside(b, m.unit, m.measure) })
	}
}

// beside measures with the kernel and with each driver.
func (l *lab) beside(b *testing.B, unit string, measure func() float64) {
	rules := abs(b, "testdata/router.nft")
	for _, driver := range drivers {
		b.Run(driver, func(b *testing.B) {
			var kernel, ours float64
			for range b.N {
				l.sh("router", "nft -f "+rules)
				kernel += measure()
				l.sh("router", "nft flush ruleset")
				p := l.guard("--driver", driver, "--iface", "r1", "--iface", "r2", rules)
				ours += measure()
				p.end(os.Interrupt)
			}
			b.ReportMetric(ours/float64(b.N), unit)
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

// packets gives how many small UDP packets a second come through at most when no
// more than one in a hundred is lost (throughput of RFC 2544, with the loss that a
// busy machine has).
func (l *lab) packets(b *testing.B) float64 {
	low, high := 0.0, 0.0
	for try := 20e3; high == 0 || high > low*1.05; {
		if sent, came := l.paced(b, try); came >= sent*0.99 && sent >= try*0.95 {
			low = try
		} else {
			high = try
		}
		if try = (low + high) / 2; high == 0 {
			try = low * 2
		}
		if high > 0 && high < 1e3 {
			b.Fatal("nothing comes through")
		}
	}
	return low
}

// paced sends so many packets a second and gives how many were sent and came.
func (l *lab) paced(b *testing.B, rate float64) (sent, came float64) {
	before := l.received(b)
	sent = l.number(b, fmt.Sprintf("./load flood 10.9.2.2:9 18 1 %.0f", rate), 0)
	time.Sleep(100 * time.Millisecond)
	return sent, float64(l.received(b) - before)
}

// flood gives how many come through when two programs send as many as they can.
func (l *lab) flood(b *testing.B) float64 {
	before, start := l.received(b), time.Now()
	l.sh("client", "for i in 1 2; do ./load flood 10.9.2.2:9 18 3 & done; wait")
	return float64(l.received(b)-before) / time.Since(start).Seconds()
}

// processor gives the µs of processor time, of the whole machine, that a packet
// takes from the router on: those that it takes to be sent are taken off.
func (l *lab) processor(b *testing.B) float64 {
	const rate = 20e3
	cost := func() float64 {
		before := busy(b)
		sent, _ := l.paced(b, rate)
		return (busy(b) - before) / sent * 1e6
	}
	whole := cost()
	l.sh("client", "nft add table netdev d; nft 'add chain netdev d c { type filter hook egress device c1 priority 0; }'; nft add rule netdev d c udp dport 9 drop")
	sending := cost()
	l.sh("client", "nft flush ruleset")
	return whole - sending
}

// busy is for how many seconds the processors have been busy (proc_stat(5)).
func busy(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		b.Fatal(err)
	}
	var ticks float64
	for i, f := range strings.Fields(strings.SplitN(string(text), "\n", 2)[0]) {
		if n, err := strconv.ParseFloat(f, 64); err == nil && i != 4 && i != 5 { // idle, iowait
			ticks += n
		}
	}
	return ticks / 100
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
