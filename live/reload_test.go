//go:build linux

package live_test

import (
	"fmt"
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

// loadRules translate both ways; filler makes each version another.
func loadRules(policy string, filler int) string {
	return fmt.Sprintf(`table inet t {
 set s%d { type ipv4_addr; elements = { 192.0.2.%d } }
 chain d {
  type nat hook prerouting priority -100
  tcp dport 8007 dnat ip to 10.9.2.2:7
 }
 chain f {
  type filter hook forward priority 0; policy drop
  ip saddr @s%[1]d drop
  %[3]s
  ct state established,related counter accept
  ct state invalid drop
  iifname r1 tcp flags & (fin|syn|rst|ack) == syn accept
 }
 chain p {
  type nat hook postrouting priority 100
  oifname r2 meta l4proto tcp snat ip to 10.9.2.1:20000-30000
 }
}
`, filler, filler%250, policy)
}

// TestReloadUnderLoad: hundreds of translated connections live through dozens of
// reloads, and through rules that stop everything until they roll back by
// themselves.
func TestReloadUnderLoad(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}
	c.write(loadRules("", 0))
	l.build("probe")
	l.serve("server", "./probe", "echo", ":7")
	l.waitFor("server", "exec 3<>/dev/tcp/10.9.2.2/7")
	c.guard = l.guard("--on-exit", "closed", "--iface", "r1", "--iface", "r2", c.rules)
	held := make(chan string, 2)
	for _, addr := range []string{"10.9.2.2:7", "10.9.1.1:8007"} {
		go func() { held <- l.said("client", "./probe hold "+addr+" 150 10", time.Minute) }()
	}
	l.waitFor("server", "test $(ss -Htn state established sport = :7 | wc -l) -ge 300")
	for i := range 30 {
		c.write(loadRules("", i+1))
		c.says("reload")
		if i%10 == 5 {
			c.write(loadRules("drop", i))
			c.says("apply --confirm 1s " + c.rules)
			time.Sleep(1500 * time.Millisecond)
		}
	}
	if n := strings.Count(c.guard.stderr.String(), "not confirmed in time"); n != 3 {
		t.Errorf("%d of 3 changes were rolled back", n)
	}
	for range 2 {
		if out := <-held; !strings.HasPrefix(out, "0 broken") {
			t.Errorf("connections: %s", out)
		}
	}
	if t.Failed() {
		t.Logf("nfvm said:\n%s", c.guard.stderr)
	}
}
