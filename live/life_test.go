//go:build linux

package live_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStartStop: dozens of starts that end in all ways, some before nfvm is
// ready, leave no device and no filter; each start finds the leftovers of the
// one before.
func TestStartStop(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	rules := filepath.Join(l.dir, "rules.nft")
	if err := os.WriteFile(rules, []byte(openRules), 0o644); err != nil {
		t.Fatal(err)
	}
	// The clsact that --on-exit closed has put there stays, empty.
	const leftovers = "ls /sys/class/net; for i in r1 r2; do tc filter show dev $i ingress; tc filter show dev $i egress; done"
	before := l.sh("router", leftovers)
	for i := range 50 {
		mode := []string{"open", "closed"}[i&1]
		p := l.start("router", l.buildNfvm(), "--control", "none", "--on-exit", mode, "--iface", "r1", "--iface", "r2", rules)
		switch i % 4 {
		case 0, 1: // whatever it is at
			time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
			p.end([]os.Signal{syscall.SIGTERM, os.Interrupt}[i/4&1])
		case 2:
			p.says(t, "ready")
			p.end(syscall.SIGKILL)
		case 3:
			p.says(t, "ready")
			p.end(syscall.SIGTERM)
		}
		if s := p.stderr.String(); strings.Contains(s, "panic") || strings.Contains(s, "nfvm: ") {
			t.Fatalf("start %d, --on-exit %s:\n%s", i, mode, s)
		}
	}
	p := l.guard("--on-exit", "open", "--iface", "r1", "--iface", "r2", rules)
	if !l.pinged("10.9.2.2", false) {
		// The server has no way back to the client but by translation.
		l.sh("server", "ip route add default via 10.9.2.1")
	}
	if !l.pinged("10.9.2.2", true) {
		t.Error("nothing passes in the end")
	}
	p.end(syscall.SIGTERM)
	if after := l.sh("router", leftovers); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if !l.pinged("10.9.2.2", true) {
		t.Error("nothing passes without nfvm")
	}
}

// TestTwice: a second nfvm on an interface is refused, and changes nothing; one
// that observes is welcome.
func TestTwice(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	rules := filepath.Join(l.dir, "rules.nft")
	if err := os.WriteFile(rules, []byte(openRules), 0o644); err != nil {
		t.Fatal(err)
	}
	first := l.guard("--on-exit", "closed", "--iface", "r1", "--iface", "r2", rules)
	for _, driver := range append(drivers, "auto") {
		second := l.start("router", l.buildNfvm(), "--control", "none", "--driver", driver, "--iface", "r2", rules)
		<-second.done
		if s := second.stderr.String(); !strings.Contains(s, "interface r2: another process guards the interface") {
			t.Errorf("the second, with %s, says:\n%s", driver, s)
		}
	}
	third := l.start("router", l.buildNfvm(), "--control", l.dir+"/control.sock", "--observe", "--iface", "r1", rules)
	<-third.done
	if s := third.stderr.String(); !strings.Contains(s, "another process is serving it") {
		t.Errorf("with the same control socket:\n%s", s)
	}
	fourth := l.start("router", l.buildNfvm(), "--control", "none", "--observe", "--iface", "r1", rules)
	fourth.says(t, "ready")
	if !l.pinged("10.9.1.1", true) {
		t.Error("no answer")
	}
	fourth.end(os.Interrupt)
	if !l.pinged("10.9.1.1", true) {
		t.Error("no answer when the observer has gone")
	}
	first.end(syscall.SIGKILL)
	if l.pinged("10.9.1.1", false) {
		t.Error("the second one took away what keeps the interface closed")
	}
}

// TestReloads: hundreds of reloads, and of clients of the control socket, leave
// nothing behind.
func TestReloads(t *testing.T) {
	t.Parallel()
	c := newControlled(t)
	round := func(n int) usage {
		for i := range n {
			c.write(strings.Replace(controlRules, "8000-8010", []string{"8000-8010", "8000-8020"}[i&1], 1))
			c.says("reload")
			if i%10 == 0 {
				c.says("add element inet t friends '{ 10.9.1.2 timeout 1s }'")
				_, _ = c.try("router", "timeout .1 "+c.buildNfvm()+" monitor --control "+c.dir+"/control.sock trace", 10*time.Second)
			}
		}
		return c.usage()
	}
	before := round(40)
	grown(t, before, round(200))
}
