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

// holdLimit is how long packets may wait while a large ruleset and a large
// connection table are asked about or changed; on an idle machine it is a tenth.
const holdLimit = 200 * time.Millisecond

// TestControlHolds: with 10,000 rules and 100,000 connections no command stops
// the packets for long.
func TestControlHolds(t *testing.T) {
	l := newLab(t)
	c := &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}
	var b strings.Builder
	b.WriteString("table inet t {\n set s { type ipv4_addr; flags timeout; }\n set r { type ipv4_addr; flags interval; elements = { 10.99.0.0/16 } }\n" +
		" chain many {\n")
	for i := range 10000 {
		fmt.Fprintf(&b, "  ip saddr 172.16.%d.%d tcp dport %d counter drop\n", i/250, i%250, i+1)
	}
	b.WriteString(" }\n chain f {\n  type filter hook forward priority 0\n  ct state established accept\n  ip protocol tcp jump many\n }\n" +
		" chain p {\n  type nat hook postrouting priority 100\n  oifname r2 masquerade\n }\n}\n")
	c.write(b.String())
	c.guard = l.guard("--iface", "r1", "--iface", "r2", c.rules)
	l.build("flows")
	l.sh("server", "nft add table ip x; nft 'add chain ip x i { type filter hook input priority 0; policy drop; }'; nft add rule ip x i ip protocol icmp accept")
	l.sh("client", "./flows 10.9.2.2 100000")
	stats := func() (s daemon.Stats) {
		if err := json.Unmarshal([]byte(c.says("stats -j")), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	if n := stats().Connections; n < 50000 {
		t.Fatalf("there are only %d connections", n)
	}
	worst := stats().LongestHold
	for _, cmd := range []string{"list ruleset >/dev/null", "conntrack -L >/dev/null", "list -j ruleset >/dev/null", "reset rules >/dev/null", "top -n 2 -d 0.2 >/dev/null",
		"add element inet t s { 10.8.0.1 timeout 1h }", "add element inet t r { 10.98.0.0/16 }", "reload", "apply --confirm 20s " + c.rules, "rollback", "conntrack -D -p udp --dport 7 >/dev/null", "conntrack -F"} {
		begun := time.Now()
		c.says(cmd)
		s := stats()
		t.Logf("%-48s %8v, longest hold so far %.1f ms, %d connections", cmd, time.Since(begun).Round(time.Millisecond), s.LongestHold*1000, s.Connections)
		worst = max(worst, s.LongestHold)
	}
	if worst > holdLimit.Seconds() {
		t.Errorf("packets had to wait for %.1f ms", worst*1000)
	}
	if !c.pings() {
		t.Error("no ping passes")
	}
}
