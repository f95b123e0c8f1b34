//go:build linux

package live_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const observedRules = `table inet t {
 chain in {
  type filter hook input priority 0
  icmp type echo-request drop
  udp dport 9 reject
 }
 chain pre {
  type nat hook prerouting priority -100
  tcp dport 81 redirect to :80
 }
}
`

// TestObserve: an observer lets everything pass and says what the rules would have
// done, packet by packet and in the end.
func TestObserve(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	rules := filepath.Join(l.dir, "rules.nft")
	if err := os.WriteFile(rules, []byte(observedRules), 0o644); err != nil {
		t.Fatal(err)
	}
	l.serve("router", "nc", "-lkup", "9")
	l.waitFor("router", "ss -Hlun sport = :9 | grep -q .")
	for _, driver := range []string{"tap", "afpacket"} {
		t.Run(driver, func(t *testing.T) {
			p := l.guard("--driver", driver, "--observe", "--on-exit", "closed", "--iface", "r1", rules)
			if out := l.sh("client", "ping -qc 3 -i .2 -W 5 10.9.1.1"); !strings.Contains(out, "3 received") {
				t.Errorf("ping:\n%s", out)
			}
			l.sh("client", "echo x > /dev/udp/10.9.1.1/9; exec 3<>/dev/tcp/10.9.1.1/81 || true")
			p.says(t, "would=reject")
			p.end(os.Interrupt)
			said := p.stderr.String()
			for _, want := range []string{
				`msg="observed packet" would=drop iif=r1 hook=input table="inet t" chain=in rule="icmp type echo-request drop" position=` + rules + ":4",
				`msg=observed would_accept=`, "would_translate=1 would_drop=3 would_reject=1",
				`msg=observed would=drop packets=3 table="inet t" chain=in rule="icmp type echo-request drop"`,
				`msg=observed would=reject packets=1 table="inet t" chain=in rule="udp dport 9 reject"`,
			} {
				if !strings.Contains(said, want) {
					t.Errorf("nfvm does not say %s:\n%s", want, said)
				}
			}
			if !l.pinged("10.9.1.1", true) {
				t.Error("an observer has closed the interface")
			}
		})
	}
}
