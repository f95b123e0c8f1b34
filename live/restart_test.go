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

// The rules of TestRestart let no connection in that is not known and begins in
// the middle; the translation is to another port, so that nothing of it can be
// guessed.
const restartRules = `table inet t {
 chain f {
  type filter hook forward priority 0; policy drop
  ct state established,related accept
  tcp flags & (fin|syn|rst|ack) == syn ct state new accept
 }
 chain p {
  type nat hook postrouting priority 100
  oifname r2 meta l4proto tcp snat ip to 10.9.2.1:40000-40100
 }
}
`

// TestRestart: a translated connection outlives the end of nfvm, ordered or not,
// if it was saved; without a file it breaks.
func TestRestart(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Program("iperf3"))
	l := newLab(t)
	rules := filepath.Join(l.dir, "rules.nft")
	if err := os.WriteFile(rules, []byte(restartRules), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		signal os.Signal
		state  bool
	}{{"SIGTERM", syscall.SIGTERM, true}, {"SIGKILL", syscall.SIGKILL, true}, {"no file", syscall.SIGTERM, false}} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{"--iface", "r1", "--iface", "r2", "--on-exit", "closed", rules}
			if c.state {
				args = append(args, "--state", filepath.Join(l.dir, "conntrack"), "--state-every", "200ms")
			}
			s := l.start("server", "iperf3", "-s", "-1")
			l.waitFor("server", "ss -Htln sport = 5201 | grep -q .")
			p := l.guard(args...)
			type result struct {
				out string
				err error
			}
			traffic := make(chan result)
			go func() {
				out, err := l.try("client", "iperf3 -c 10.9.2.2 -t 7 -b 20M -i 7 -f k", 20*time.Second)
				traffic <- result{out, err}
			}()
			l.waitFor("server", "ss -Htn sport = 5201 | grep -q ESTAB")
			time.Sleep(2 * time.Second)
			p.end(c.signal)
			p = l.guard(args...)
			if got := <-traffic; c.state != (got.err == nil) {
				t.Errorf("state %v, the connection: %v\n%s%s", c.state, got.err, got.out, p.stderr)
			}
			if restored := strings.Contains(p.stderr.String(), `msg="connections restored" flows=`); restored != c.state {
				t.Errorf("restored %v:\n%s", restored, p.stderr)
			}
			p.end(os.Interrupt)
			s.end(os.Kill)
		})
	}
}
