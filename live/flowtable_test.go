//go:build linux

package live_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"nfvm/daemon"
	"nfvm/internal/testenv"
)

// flowtableLeast is how many bytes of a transfer go past nfvm at least, by where they
// came in: all but those before the connection is in the flowtable.
var flowtableLeast = map[string]uint64{"r1": 2_900_000, "r2": 4_900_000}

// newFlowtable is a gateway with a flowtable, and a file of the client's to send.
func newFlowtable(t *testing.T, args ...string) (c *controlled, sum string) {
	t.Helper()
	rules, err := os.ReadFile("testdata/flowtable.nft")
	if err != nil {
		t.Fatal(err)
	}
	return newFlowtableBy(t, string(rules), args...)
}

// newFlowtableBy is the same with other rules.
func newFlowtableBy(t *testing.T, rules string, args ...string) (c *controlled, sum string) {
	t.Helper()
	testenv.Need(t, testenv.Program("curl"))
	l := newLab(t)
	c = &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}
	c.write(rules)
	l.build("web")
	l.build("probe")
	l.serve("server", "./web", ":80")
	l.serve("server", "./web", ":81")
	l.serve("server", "./probe", "echo", ":7")
	for _, port := range []string{"80", "81", "7"} {
		l.waitFor("server", "exec 3<>/dev/tcp/10.9.2.2/"+port)
	}
	l.sh("server", "ip route add default via 10.9.2.1; ip route add default via fd00:2::1")
	data := make([]byte, 3_000_000)
	for i := range data {
		data[i] = byte(i>>16 ^ i>>8*3 ^ i*7)
	}
	if err := os.WriteFile(filepath.Join(l.dir, "data"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	c.guard = l.guard(append(args, "--iface", "r1", "--iface", "r2", c.rules)...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("nfvm said:\n%s", c.guard.stderr)
		}
	})
	return c, fmt.Sprintf("%x", sha256.Sum256(data))
}

func (c *controlled) stats() (s daemon.Stats) {
	c.t.Helper()
	if err := json.Unmarshal([]byte(c.says("stats -j")), &s); err != nil {
		c.t.Fatal(err)
	}
	return s
}

// bypassed waits for the statistics to tell that so many bytes from the interfaces
// went past nfvm.
func (c *controlled) bypassed(since daemon.Stats, least map[string]uint64) {
	c.t.Helper()
	now := c.stats()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); now = c.stats() {
		enough := true
		for name, n := range least {
			enough = enough && now.Interfaces[name].BypassedBytes-since.Interfaces[name].BypassedBytes >= n
		}
		if enough {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Errorf("too little went past nfvm: from %+v to %+v", since.Interfaces, now.Interfaces)
}

// TestFlowtable: what goes by a flowtable arrives as it was sent, translated or not,
// and most of it past nfvm; also where the senders leave neither checksums nor
// segmentation to a device.
func TestFlowtable(t *testing.T) {
	testenv.Need(t, testenv.Program("ethtool"), testenv.Program("tcpdump"))
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			c, sum := newFlowtable(t, "--driver", driver)
			c.serve("server", "tcpdump", "-npi", "s1", "-Uw", "seen.pcap", "ip or ip6")
			c.waitFor("client", "ping -qc 1 -W 1 10.9.2.2; tcpdump -nr seen.pcap icmp | grep -q .")
			for _, at := range []string{"10.9.2.2:81", "[fd00:2::2]:81", "10.9.2.2", "[fd00:2::2]", "10.9.1.1:8080", "[fd00:1::1]:8080"} {
				c.transfer(at, sum, flowtableLeast)
			}
			c.sh("client", "ethtool -K c1 tx off >/dev/null; ip netns exec "+c.ns("server")+" ethtool -K s1 tx off >/dev/null")
			c.transfer("10.9.1.1:8080", sum, flowtableLeast)
			c.transfer("[fd00:2::2]", sum, flowtableLeast)
			before := c.stats()
			for _, talk := range []string{"10.9.2.2:7 40", "10.9.2.2:7 40 nosum", "[fd00:2::2]:7 40"} {
				if n, err := strconv.Atoi(strings.TrimSpace(c.said("client", "./probe talk "+talk, commandLimit))); err != nil || n < 36 {
					t.Errorf("talk %s: %d came back, %v", talk, n, err)
				}
			}
			c.bypassed(before, map[string]uint64{"r1": 3 * 30 * 45, "r2": 3 * 30 * 45})
			c.guard.end(os.Interrupt)
			if got := c.sh("server", "tcpdump -nr seen.pcap 2>/dev/null 'dst host 10.9.2.2 and (tcp or udp) and ip[8] != 63 or dst host fd00:2::2 and (tcp or udp) and ip6[7] != 63' | head -3"); got != "" {
				t.Errorf("packets have not made one hop:\n%s", got)
			}
		})
	}
}

// transfer sends a file to a server, gets one, and expects both past nfvm.
func (c *controlled) transfer(at, sum string, least map[string]uint64) {
	c.t.Helper()
	before := c.stats()
	if got := c.said("client", "curl -s -m 20 -T data http://"+at+"/sum", commandLimit); !strings.HasPrefix(got, sum+" <nil>") {
		c.t.Errorf("%s, up: %s, want %s", at, got, sum)
	}
	got := c.said("client", "curl -s -m 20 http://"+at+"/large | sha256sum", commandLimit)
	if want := c.sh("server", "curl -s http://10.9.2.2/large | sha256sum"); got != want {
		c.t.Errorf("%s, down: %s, want %s", at, got, want)
	}
	c.bypassed(before, least)
}
