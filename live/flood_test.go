//go:build linux

package live_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nfvm/daemon"
)

// floodRules let only those through that begin as they should.
const floodRules = `table inet t {
 chain f {
  type filter hook forward priority 0; policy drop
  ct state established,related accept
  ct state invalid drop
  iifname r1 tcp flags & (fin|syn|rst|ack) == syn ct state new accept
  icmp type echo-request accept
 }
 chain p {
  type nat hook postrouting priority 100
  oifname r2 masquerade
 }
}
`

// TestFlood: when requests that nobody means fill a small table, established
// connections live on, and new ones find room.
func TestFlood(t *testing.T) {
	t.Parallel()
	const room = 1000
	l := newLab(t)
	c := &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}
	c.write(floodRules)
	l.build("load")
	l.build("probe")
	l.serve("server", "./probe", "echo", ":7")
	l.waitFor("server", "exec 3<>/dev/tcp/10.9.2.2/7")
	// One port answers nobody, the other refuses: both kinds of entries are there.
	l.sh("server", "nft add table ip x; nft 'add chain ip x i { type filter hook input priority 0; }'; nft add rule ip x i tcp dport 81 drop")
	c.guard = l.guard("--sysctl", "net.netfilter.nf_conntrack_max=1000", "--sysctl", "net.netfilter.nf_conntrack_buckets=256",
		"--on-exit", "closed", "--iface", "r1", "--iface", "r2", c.rules)
	stats := func() (s daemon.Stats) {
		if err := json.Unmarshal([]byte(c.says("stats -j")), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	held := make(chan string)
	go func() { held <- l.said("client", "./probe hold 10.9.2.2:7 100 12", time.Minute) }()
	l.waitFor("server", "test $(ss -Htn state established sport = :7 | wc -l) -ge 100")
	time.Sleep(time.Second) // they have spoken, and are assured
	flood := make(chan string)
	mac := strings.TrimSpace(l.sh("router", "cat /sys/class/net/r1/address"))
	go func() {
		flood <- l.said("client", "./load syn c1 "+mac+" 10.9.2.2:81 4000 6 & ./load syn c1 "+mac+" 10.9.2.2:82 1000 6; wait", time.Minute)
	}()
	full := false
	for begun := time.Now(); time.Since(begun) < 4*time.Second; time.Sleep(200 * time.Millisecond) {
		n := stats().Connections
		full = full || n >= room*9/10
		if n > room {
			t.Fatalf("%d connections in a table for %d", n, room)
		}
	}
	if !full {
		t.Errorf("the flood does not fill the table")
	}
	// One that is not yet assured may have to make room like the flood's.
	var broken int
	out := l.said("client", "./probe hold 10.9.2.2:7 10 1", time.Minute)
	if _, err := fmt.Sscanf(out, "%d broken", &broken); err != nil || broken > 5 {
		t.Errorf("new connections while the flood is on: %s", out)
	}
	t.Logf("flood: %q", <-flood)
	if out := <-held; !strings.HasPrefix(out, "0 broken") {
		t.Errorf("connections from before the flood: %s", out)
	}
	if !c.pings() {
		t.Error("no ping passes after the flood")
	}
}

// said gives what a script prints, and how it ended if not well.
func (l *lab) said(ns, script string, limit time.Duration) string {
	out, err := l.try(ns, script, limit)
	if err != nil {
		out += err.Error()
	}
	return out
}
