//go:build linux

package live_test

import (
	"os"
	"strings"
	"testing"
	"time"
)

// slowly begins a download that takes seconds, and gives what will come of it.
func (c *controlled) slowly(at string) (sum chan string) {
	sum = make(chan string)
	go func() {
		sum <- c.said("client", "curl -s -m 60 http://"+at+"/slow | sha256sum", 2*time.Minute)
	}()
	c.waitFor("router", c.buildNfvm()+" conntrack --control "+c.dir+"/control.sock -L | grep -q OFFLOAD")
	return sum
}

// TestFlowtableFollows: connections in a flowtable live on when rules are read again,
// routes change, a neighbour has another link-layer address, and the flowtable goes.
func TestFlowtableFollows(t *testing.T) {
	t.Parallel()
	c, _ := newFlowtable(t)
	want := c.sh("server", "curl -s http://10.9.2.2/large | sha256sum")
	four, six := c.slowly("10.9.1.1:8080"), c.slowly("[fd00:2::2]:81")
	for _, change := range []struct{ name, ns, script string }{
		{"reload", "router", c.buildNfvm() + " reload --control " + c.dir + "/control.sock"},
		{"neighbour", "server", "ip link set s1 address 02:00:00:00:00:77; ip route replace default via 10.9.2.1; ip -6 route replace default via fd00:2::1; ping -qc 1 10.9.2.1; ping -qc 1 fd00:2::1"},
		{"narrow route", "router", "ip route add 10.9.2.2 dev r2 mtu 1300; ip route add 10.9.1.2 dev r1 mtu 1300; ip route add fd00:1::2 dev r1 mtu 1300"},
		{"route by another", "router", "ip route del 10.9.1.2; ip route del fd00:1::2"},
	} {
		c.sh(change.ns, change.script)
		c.bypassed(c.stats(), map[string]uint64{"r2": 100_000})
		if t.Failed() {
			t.Fatalf("after %s", change.name)
		}
	}
	rules, err := os.ReadFile(c.rules)
	if err != nil {
		t.Fatal(err)
	}
	c.write(strings.ReplaceAll(string(rules), "ct state established flow add @fast", ""))
	c.says("reload")
	c.write(strings.NewReplacer("ct state established flow add @fast", "", `devices = { "r1", "r2" }`, `devices = { "r1" }`).Replace(string(rules)))
	c.says("reload")
	time.Sleep(1500 * time.Millisecond) // what has passed so far is counted
	before := c.stats()
	time.Sleep(1500 * time.Millisecond)
	if after := c.stats(); after.Interfaces["r2"].BypassedPackets != before.Interfaces["r2"].BypassedPackets {
		t.Errorf("packets of a device that the flowtable does not have any more go past nfvm: %d, %d", before.Interfaces["r2"].BypassedPackets, after.Interfaces["r2"].BypassedPackets)
	}
	for name, got := range map[string]string{"IPv4": <-four, "IPv6": <-six} {
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestFlowtableEnds: a connection that is over, or silent, is the rules' again.
func TestFlowtableEnds(t *testing.T) {
	t.Parallel()
	c, _ := newFlowtable(t, "--sysctl", "net.netfilter.nf_flowtable_tcp_timeout=3", "--sysctl", "net.netfilter.nf_conntrack_acct=1")
	table := c.buildNfvm() + " conntrack --control " + c.dir + "/control.sock -L"
	c.sh("client", "curl -s -o /dev/null http://10.9.2.2:81/large")
	c.waitFor("router", table+" | grep -E 'packets=[0-9]+ bytes=[0-9]+ src=.* bytes=[5-9][0-9]{6} .OFFLOAD'")
	c.waitFor("router", "! "+table+" | grep OFFLOAD")
	c.says("conntrack -L", " CLOSE ")
	// One that is silent, and speaks again.
	silent := make(chan string)
	go func() {
		silent <- c.said("client", "exec 3<>/dev/tcp/10.9.2.2/7; for i in 1 2 3 4 5; do echo $i >&3; read -u 3 x; done; sleep 6; for i in 6 7 8 9; do echo $i >&3; read -u 3 x; done; echo $x; sleep 1.5", time.Minute)
	}()
	c.waitFor("router", table+" | grep OFFLOAD")
	c.waitFor("router", table+" | grep ESTABLISHED")
	c.waitFor("router", table+" | grep OFFLOAD")
	if got := <-silent; got != "9\n" {
		t.Errorf("the silent one says %q", got)
	}
}

// TestFlowtableAfterDeath: when nfvm is killed nothing is passed on by its programs.
func TestFlowtableAfterDeath(t *testing.T) {
	t.Parallel()
	for _, onExit := range []string{"closed", "open"} {
		t.Run(onExit, func(t *testing.T) {
			t.Parallel()
			c, _ := newFlowtable(t, "--on-exit", onExit)
			want := c.sh("server", "curl -s http://10.9.2.2/large | sha256sum")
			download := c.slowly("10.9.2.2:81") // which is not translated
			c.bypassed(c.stats(), map[string]uint64{"r2": 100_000})
			c.guard.end(os.Kill)
			if onExit == "open" { // the host's own forwarding takes over
				if got := <-download; got != want {
					t.Errorf("%s, want %s", got, want)
				}
				return
			}
			before := c.sh("client", "cat /sys/class/net/c1/statistics/rx_packets")
			time.Sleep(2 * time.Second)
			if after := c.sh("client", "cat /sys/class/net/c1/statistics/rx_packets"); after != before {
				t.Errorf("packets still come: %s, %s", before, after)
			}
			c.sh("client", "ip link set c1 down") // ends the download
			<-download
		})
	}
}
