//go:build linux

package live_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nfvm/daemon"
	"nfvm/internal/testenv"
)

// newFlowtable is a gateway with a flowtable, and a file of the client's to send.
func newFlowtable(t *testing.T, driver string, args ...string) (c *controlled, sum string) {
	testenv.Need(t, testenv.Program("curl"))
	l := newLab(t)
	c = &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}
	rules, err := os.ReadFile("testdata/flowtable.nft")
	if err != nil {
		t.Fatal(err)
	}
	c.write(string(rules))
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
	c.guard = l.guard(append([]string{"--driver", driver, "--iface", "r1", "--iface", "r2", c.rules}, args...)...)
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
	for name, n := range least {
		least[name] = n + since.Interfaces[name].BypassedBytes
	}
	now := c.stats()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); now = c.stats() {
		enough := true
		for name, n := range least {
			enough = enough && now.Interfaces[name].BypassedBytes >= n
		}
		if enough {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Errorf("too little went past nfvm: from %+v to %+v", since.Interfaces, now.Interfaces)
}

// TestFlowtable: what goes by a flowtable arrives as it was sent, translated or not,
// and most of it past nfvm.
func TestFlowtable(t *testing.T) {
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			c, sum := newFlowtable(t, driver)
			for _, at := range []string{"10.9.2.2:81", "[fd00:2::2]:81", "10.9.2.2", "[fd00:2::2]", "10.9.1.1:8080", "[fd00:1::1]:8080"} {
				before := c.stats()
				if got := c.said("client", "curl -s -m 20 -T data http://"+at+"/sum", commandLimit); !strings.HasPrefix(got, sum+" <nil>") {
					t.Errorf("%s, up: %s, want %s", at, got, sum)
				}
				got := c.said("client", "curl -s -m 20 http://"+at+"/large | sha256sum", commandLimit)
				if want := c.sh("server", "curl -s http://10.9.2.2/large | sha256sum"); got != want {
					t.Errorf("%s, down: %s, want %s", at, got, want)
				}
				c.bypassed(before, map[string]uint64{"r1": 2_900_000, "r2": 4_900_000})
			}
			c.guard.end(os.Interrupt)
		})
	}
}
