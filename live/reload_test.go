//go:build linux

package live_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nfvm/internal/testenv"
)

// TestReload: SIGHUP puts the file's rules in force and keeps connections; with
// a mistake in the file the old rules stay.
func TestReload(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Program("iperf3"))
	l := newLab(t)
	l.serve("server", "iperf3", "-s")
	l.waitFor("server", "exec 3<>/dev/tcp/10.9.2.2/5201")
	file := filepath.Join(l.dir, "rules.nft")
	write := func(pings string) {
		rules := "table inet t {\n chain f {\n type filter hook forward priority 0; policy drop\n" +
			"ct state established,related accept\n tcp dport 5201 accept\n icmp type echo-request " + pings + "\n }\n" +
			"chain p {\n type nat hook postrouting priority 100\n oifname r2 masquerade\n }\n}\n"
		if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("drop")
	p := l.guard("--iface", "r1", "--iface", "r2", file)
	traffic := make(chan string)
	go func() {
		out, err := l.try("client", "iperf3 -c 10.9.2.2 -t 4 -P 4 -i 0.5", 20*time.Second)
		if err == nil {
			out = ""
		}
		traffic <- out
	}()
	time.Sleep(500 * time.Millisecond)
	for _, step := range []struct {
		pings, said string
		open        bool
	}{{"accept", "reloaded", true}, {"akzept", "not reloaded", true}, {"drop", "reloaded", false}, {"accept", "reloaded", true}} {
		write(step.pings)
		before := strings.Count(p.stderr.String(), step.said)
		_ = p.cmd.Process.Signal(syscall.SIGHUP)
		for i := 0; strings.Count(p.stderr.String(), step.said) == before; i++ {
			if time.Sleep(10 * time.Millisecond); i > 500 {
				t.Fatalf("%q: nfvm does not say %q:\n%s", step.pings, step.said, p.stderr)
			}
		}
		if l.pinged("10.9.2.2", step.open) != step.open {
			t.Errorf("%q: reachable %v", step.pings, !step.open)
		}
	}
	if out := <-traffic; out != "" {
		t.Errorf("the connection that was there before the reloads broke:\n%s", out)
	}
	p.end(os.Interrupt)
}
