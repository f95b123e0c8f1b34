//go:build linux

package live_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nfvm/internal/testenv"
)

const logRules = `table inet t {
	chain f {
		type filter hook forward priority 0; policy drop;
		icmp type echo-request log prefix "ping: " level info
		icmp type echo-request log group 5 snaplen 40 prefix "nf"
		icmp type echo-request ip saddr 10.9.1.2 accept
		ct state established accept
	}
}
`

// holds waits until a file holds so many of something.
func (l *lab) holds(name, what string, count int) {
	l.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		b, err := os.ReadFile(filepath.Join(l.dir, name))
		if n := strings.Count(string(b), what); err == nil && n == count {
			return
		}
		if time.Now().After(end) {
			l.t.Fatalf("%s does not hold %d of %q: %v\n%s", name, count, what, err, b)
		}
	}
}

// TestLogTo has logged packets written to a file, to captures and to standard
// error, and the files renamed.
func TestLogTo(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Program("tcpdump"))
	c := &controlled{lab: newLab(t)}
	c.sh("server", "ip route add default via 10.9.2.1")
	c.rules = filepath.Join(c.dir, "rules.nft")
	c.write(logRules)
	c.guard = c.lab.guard("--iface", "r1", "--iface", "r2", "--log-to", "file:lines", "--log-to", "pcapng:all.pcapng",
		"--log-to", "nflog:5:five.pcapng", "--log-to", "stderr", "--log-format", "json", c.rules)
	if out, err := c.try("client", "ping -qc 2 -i 0.2 -W 5 10.9.2.2", 20*time.Second); err != nil {
		t.Fatalf("%s\n%s", out, c.guard.stderr)
	}
	const line = "ping: IN=r1 OUT=r2 MAC="
	c.holds("lines", line, 2)
	c.sh("router", "mv lines lines.1; mv all.pcapng all.1")
	if err := c.guard.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	c.guard.says(t, `"msg":"reloaded"`)
	c.sh("client", "ping -qc 1 -W 5 10.9.2.2")
	c.holds("lines", line, 1)
	c.holds("lines.1", line, 2)
	c.says("stats", "file:lines: 3 packets, 0 lost", "nflog:5:five.pcapng: 3 packets, 0 lost", "stderr: 3 packets")
	c.guard.end(os.Interrupt)
	for file, want := range map[string]int{"all.1": 4, "all.pcapng": 2, "five.pcapng": 3} {
		if out := c.sh("router", "tcpdump -nr "+file+" icmp 2>/dev/null"); strings.Count(out, "10.9.1.2 > 10.9.2.2: ICMP echo request") != want {
			t.Errorf("%s:\n%s", file, out)
		}
	}
	logged := false
	for line := range strings.Lines(c.guard.stderr.String()) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Errorf("not an object: %s", line)
		}
		if o["prefix"] == "ping: " {
			logged = o["table"] == "t" && o["chain"] == "f" && o["in"] == "r1" && o["out"] == "r2" && o["src"] == "10.9.1.2" &&
				o["level"] == "INFO" && strings.HasSuffix(o["position"].(string), "rules.nft:4")
		}
	}
	if !logged {
		t.Errorf("standard error:\n%s", c.guard.stderr)
	}
}

// TestLogRate: a burst of dropped packets is logged within bounds, and what is left
// out is counted; --log-level leaves them all out.
func TestLogRate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	rules := filepath.Join(l.dir, "rules.nft")
	if err := os.WriteFile(rules, []byte("table inet t { chain f { type filter hook forward priority 0; policy drop; }; }"), 0o600); err != nil {
		t.Fatal(err)
	}
	flood := "for i in $(seq 40); do echo x >/dev/udp/10.9.2.2/9; done"
	g := l.guard("--iface", "r1", "--iface", "r2", "--control", "none", "--log-rate", "2", rules)
	l.sh("client", flood+"; sleep 1.2; echo x >/dev/udp/10.9.2.2/9")
	g.says(t, "not_logged=")
	g.end(os.Interrupt)
	if n := strings.Count(g.stderr.String(), "verdict=drop"); n < 2 || n > 20 {
		t.Errorf("%d packets are logged:\n%s", n, g.stderr)
	}
	g = l.guard("--iface", "r1", "--iface", "r2", "--control", "none", "--log-level", "debug", "--log-rate", "all", rules)
	l.sh("client", flood)
	g.end(os.Interrupt)
	if n := strings.Count(g.stderr.String(), "verdict=drop"); n != 40 {
		t.Errorf("%d packets are logged:\n%s", n, g.stderr)
	}
}
