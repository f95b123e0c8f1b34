//go:build linux

package live_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fastLeast is how many bytes of a transfer go past nfvm at least, by where they came
// in: the first 16 packets, of 64 KiB, do not.
var fastLeast = map[string]uint64{"r1": 2_000_000, "r2": 3_500_000}

// newFast is newFlowtable with other rules.
func newFast(t *testing.T, rules string, args ...string) (c *controlled, sum string) {
	t.Helper()
	c, sum = newFlowtableBy(t, rules, args...)
	c.sh("server", "ip -6 route replace default via fd00:2::1")
	return c, sum
}

func fastRules(t *testing.T) string {
	t.Helper()
	rules, err := os.ReadFile("testdata/fast.nft")
	if err != nil {
		t.Fatal(err)
	}
	return string(rules)
}

// figuresIn adds up what is behind words such as packets= in a text.
func figuresIn(text, word string) (n uint64) {
	for _, m := range regexp.MustCompile(`\b`+word+`[= ](\d+)`).FindAllStringSubmatch(text, -1) {
		v, _ := strconv.ParseUint(m[1], 10, 64)
		n += v
	}
	return n
}

// TestFast: established connections are forwarded past nfvm where rules do the same with
// all their packets, translated or not, and what counts them and their connections is
// right.
func TestFast(t *testing.T) {
	t.Parallel()
	c, sum := newFast(t, fastRules(t), "--driver", "tap", "--sysctl", "net.netfilter.nf_conntrack_acct=1")
	for _, at := range []string{"10.9.2.2:81", "[fd00:2::2]:81", "10.9.2.2", "[fd00:2::2]", "10.9.1.1:8080", "[fd00:1::1]:8080"} {
		c.transfer(at, sum, fastLeast)
	}
	list, rules := c.says("conntrack -L"), c.says("list counters")
	for _, word := range []string{"packets", "bytes"} {
		// What comes too late for its connection's windows is passed on, and not counted there.
		if a, b := figuresIn(list, word), figuresIn(rules, word); a > b || a < b-b/20 || a == 0 {
			t.Errorf("%s: connections have %d, the counter has %d\n%s", word, a, b, list)
		}
	}
	if strings.Contains(list, "OFFLOAD") || !strings.Contains(list, "TIME_WAIT") {
		t.Errorf("connections:\n%s", list)
	}
	before := c.stats()
	for _, talk := range []string{"10.9.2.2:7 8000", "10.9.2.2:7 8000 nosum", "[fd00:2::2]:7 8000"} {
		go c.said("client", "./probe talk "+talk+" > talked", time.Minute)
	}
	c.bypassed(before, map[string]uint64{"r1": 3 * 1000 * 45, "r2": 3 * 1000 * 45})
}

// TestFastNot: nothing is forwarded past nfvm where rules look at what packets do not
// have in common, or where it is off.
func TestFastNot(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct{ rule, flag string }{
		"mark":   {"ct mark set 1", "auto"},
		"length": {"meta length > 60000 accept", "auto"},
		"off":    {"", "off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := strings.Replace(fastRules(t), "counter name forwarded", "counter name forwarded\n"+of.rule, 1)
			c, _ := newFast(t, rules, "--driver", "tap", "--fast-flows", of.flag)
			c.sh("client", "curl -s -o /dev/null http://10.9.2.2:81/large")
			time.Sleep(1500 * time.Millisecond)
			if n := c.stats().Interfaces["r2"].BypassedPackets; n != 0 {
				t.Errorf("%d packets went past nfvm", n)
			}
		})
	}
}

// TestFastFollows: what changes meanwhile holds for connections that are forwarded inside
// the kernel.
func TestFastFollows(t *testing.T) {
	t.Parallel()
	c, _ := newFast(t, fastRules(t), "--driver", "tap", "--sysctl", "net.netfilter.nf_conntrack_tcp_timeout_established=1000")
	want := c.sh("server", "curl -s http://10.9.2.2/large | sha256sum")
	sum := make(chan string)
	go func() {
		sum <- c.said("client", "curl -s -m 60 http://10.9.2.2:81/slow | sha256sum", 2*time.Minute)
	}()
	least := func(name string) {
		c.t.Helper()
		if c.bypassed(c.stats(), map[string]uint64{"r2": 100_000}); t.Failed() {
			t.Fatalf("after %s", name)
		}
	}
	least("the beginning")
	left := regexp.MustCompile(`tcp +6 (\d+) ESTABLISHED .*dport=81 .*\[ASSURED\]`).FindStringSubmatch(c.says("conntrack -L"))
	if n := 0; left == nil {
		t.Error("no connection is there")
	} else if n, _ = strconv.Atoi(left[1]); n < 990 && n != 299 && n != 300 {
		t.Errorf("%d seconds are left", n)
	}
	c.says("reload")
	least("a reload")
	c.sh("server", "ip link set s1 address 02:00:00:00:00:77; ip route replace default via 10.9.2.1; ip -6 route replace default via fd00:2::1")
	c.waitFor("server", "ping -qc 1 -W 1 10.9.2.1")
	least("another neighbour")
	c.sh("router", "ip route add 10.9.1.2 dev r1 mtu 1300")
	least("another route")
	c.says("conntrack -U -f ipv4 -p tcp --dport 81 -m 7")
	least("a mark")
	c.says("conntrack -L -m 7", "mark=7")
	if got := <-sum; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestFastDropped: when rules no longer accept a connection, nothing of it is forwarded.
func TestFastDropped(t *testing.T) {
	t.Parallel()
	rules := strings.Replace(fastRules(t), "counter name forwarded", "ip saddr @bad drop\n\t\tip daddr @bad drop\n\t\tcounter name forwarded", 1)
	rules = strings.Replace(rules, "counter forwarded", "set bad { type ipv4_addr; }\n\tcounter forwarded", 1)
	c, _ := newFast(t, rules, "--driver", "tap")
	go c.said("client", "curl -s -m 10 -o /dev/null http://10.9.2.2:81/slow", time.Minute)
	c.bypassed(c.stats(), map[string]uint64{"r2": 100_000})
	received := func() string { return c.sh("client", "cat /sys/class/net/c1/statistics/rx_bytes") }
	c.says("add element inet gateway bad { 10.9.1.2 }")
	before := received()
	time.Sleep(time.Second)
	a, _ := strconv.Atoi(strings.TrimSpace(before))
	b, _ := strconv.Atoi(strings.TrimSpace(received()))
	if b-a > 100_000 {
		t.Errorf("%d bytes still came", b-a)
	}
}
