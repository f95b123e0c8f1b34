//go:build linux

package live_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A bench is a lab with traffic to measure by. Its programs come before others, so
// that what else runs on the machine matters less.
type bench struct {
	*lab
	b *testing.B
}

const precedence = "nice -n -10 "

func newBench(b *testing.B) *bench {
	l := &bench{newLab(b), b}
	l.build("load")
	l.serve("server", strings.Fields(precedence+"iperf3 -s")...)
	l.serve("server", strings.Fields(precedence+"./load echo :7")...)
	for _, port := range []string{"5201", "7"} {
		l.waitFor("server", "exec 3<>/dev/tcp/10.9.2.2/"+port)
	}
	// Port 9 is for packets that are only counted.
	l.sh("server", "nft add table netdev d; nft 'add chain netdev d c { type filter hook ingress device s1 priority 0; }'; nft add rule netdev d c udp dport 9 drop")
	return l
}

// iperf gives the rate of one TCP stream through the router in Gbit/s.
func (l *bench) iperf(addr string) float64 {
	var out struct {
		End struct {
			Received struct {
				Rate float64 `json:"bits_per_second"`
			} `json:"sum_received"`
		}
	}
	text := l.sh("client", precedence+"iperf3 -J -t 2 -c "+addr)
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		l.b.Fatalf("%v\n%s", err, text)
	}
	return out.End.Received.Rate / 1e9
}

// packets gives how many small UDP packets a second come through at most when no
// more than one in a hundred is lost (throughput of RFC 2544, with the loss that a
// busy machine has; there is one that loses more now and then, so a rate has
// several tries).
func (l *bench) packets() float64 {
	low, high := 0.0, 0.0
	for try := 40e3; high == 0 || high > low*1.1; {
		if l.passes(try) {
			low = try
		} else {
			high = try
		}
		if try = (low + high) / 2; high == 0 {
			try = low * 2
		}
		if high > 0 && high < 1e3 {
			l.b.Fatal("nothing comes through")
		}
	}
	return low
}

func (l *bench) passes(rate float64) bool {
	for range 4 {
		if sent, came, _ := l.paced(rate, tried); came >= sent*0.99 && sent >= rate*tried*0.95 {
			return true
		}
	}
	return false
}

// tried is how long a rate is tried, in seconds.
const tried = 0.4

// paced sends so many packets a second, for so many seconds, and gives how many were
// sent and came, and the processor time of the sender, in seconds.
func (l *bench) paced(rate, seconds float64) (sent, came, used float64) {
	before := l.received()
	text := l.sh("client", fmt.Sprintf(precedence+"./load flood 10.9.2.2:9 18 %g %.0f", seconds, rate))
	if _, err := fmt.Sscan(text, &sent, &used); err != nil {
		l.b.Fatalf("%v: %s", err, text)
	}
	time.Sleep(100 * time.Millisecond)
	return sent, float64(l.received() - before), used
}

// flood gives how many come through when two programs send as many as they can.
func (l *bench) flood() float64 {
	before, start := l.received(), time.Now()
	l.sh("client", "for i in 1 2; do "+precedence+"./load flood 10.9.2.2:9 18 2 & done; wait")
	return float64(l.received()-before) / time.Since(start).Seconds()
}

// processor gives the µs of processor time that a packet takes from the router on.
// The kernel does its part in the time of the program that sends, so that is what
// is counted, and nfvm; what it takes to send is taken off.
func (l *bench) processor(p *process) float64 {
	const rate = 30e3
	cost := func() float64 {
		before := p.used(l.b)
		sent, _, used := l.paced(rate, 1)
		return (used + p.used(l.b) - before) / sent * 1e6
	}
	whole := cost()
	l.sh("client", "nft add table netdev d; nft 'add chain netdev d c { type filter hook egress device c1 priority 0; }'; nft add rule netdev d c udp dport 9 drop")
	sending := cost()
	l.sh("client", "nft flush ruleset")
	return whole - sending
}

// used is the processor time of a process in seconds, 0 for none (schedstat of
// proc(5)).
func (p *process) used(b *testing.B) (seconds float64) {
	if p == nil {
		return 0
	}
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil || len(files) == 0 {
		b.Fatalf("threads of nfvm: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has just ended
		}
		ns, err := strconv.ParseFloat(strings.Fields(string(text))[0], 64)
		if err != nil {
			b.Fatal(err)
		}
		seconds += ns / 1e9
	}
	return seconds
}

func (l *bench) received() int {
	n, err := strconv.Atoi(strings.TrimSpace(l.sh("server", "cat /sys/class/net/s1/statistics/rx_packets")))
	if err != nil {
		l.b.Fatal(err)
	}
	return n
}

// number gives the i-th number that a program at the client prints.
func (l *bench) number(script string, i int) float64 {
	text := l.sh("client", precedence+script)
	fields := strings.Fields(text)
	if i >= len(fields) {
		l.b.Fatalf("%s: %s", script, text)
	}
	v, err := strconv.ParseFloat(fields[i], 64)
	if err != nil {
		l.b.Fatal(err)
	}
	return v
}
