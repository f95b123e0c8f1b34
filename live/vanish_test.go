//go:build linux

package live_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// vanishRules translate, so that nothing passes that nfvm has not seen.
const vanishRules = `table inet t {
 chain f {
  type filter hook forward priority 0; policy drop
  ct state established,related accept
  iifname r1 oifname r2 meta l4proto { tcp, icmp, icmpv6 } accept
 }
 chain p {
  type nat hook postrouting priority 100
  oifname r2 masquerade
 }
}
`

// TestVanish: managed interfaces that go and come back, are renamed, go down,
// have another MTU or address, and devices of nfvm that somebody deletes: each
// time the rules are in force again by themselves, and nothing is left behind.
func TestVanish(t *testing.T) {
	t.Parallel()
	const link2 = "ip link add s1 netns $server type veth peer name r2; ip addr add 10.9.2.1/24 dev r2; ip addr add fd00:2::1/64 dev r2 nodad; ip link set r2 up;" +
		"ip -n $server addr add 10.9.2.2/24 dev s1; ip -n $server addr add fd00:2::2/64 dev s1 nodad; ip -n $server link set s1 up"
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c := &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}
			c.write(vanishRules)
			l.build("web")
			c.guard = l.guard("--driver", driver, "--on-exit", "closed", "--iface", "r1", "--iface", "r2", c.rules)
			defer func() {
				if t.Failed() {
					t.Logf("nfvm said:\n%s", c.guard.stderr)
				}
			}()
			web := l.start("server", "./web", ":80")
			passes := func(after string) {
				t.Helper()
				l.waitFor("client", "ping -qc 1 -W 1 10.9.2.2 && ping -qc 1 -W 1 fd00:2::2")
				l.waitFor("client", "test $(curl -s -m 3 http://10.9.2.2/peer) = 10.9.2.1") // translated
				if _, err := l.try("client", "curl -s -m 5 -o /dev/null http://10.9.2.2/large", 10*time.Second); err != nil {
					t.Errorf("%s: no large file: %v", after, err)
				}
			}
			passes("the start")
			round := func() {
				for _, change := range []struct{ name, script string }{
					{"gone and back", "ip link del r2; " + link2},
					{"gone for a while", "ip link del r2; sleep .3; " + link2},
					{"down and up", "ip link set r2 down; ip link set r2 up; ip addr replace fd00:2::1/64 dev r2 nodad"},
					{"to another namespace and back", "ip link set r2 netns $server; ip -n $server link set r2 netns $router; ip addr add 10.9.2.1/24 dev r2; ip addr add fd00:2::1/64 dev r2 nodad; ip link set r2 up"},
					{"a larger MTU", "ip -n $server link set s1 mtu 3000; ip link set r2 mtu 3000; ip -n $client link set c1 mtu 3000; ip link set r1 mtu 3000"},
					{"a smaller MTU", "ip -n $server link set s1 mtu 1500; ip link set r2 mtu 1500; ip -n $client link set c1 mtu 1500; ip link set r1 mtu 1500"},
					{"another link-layer address", "ip link set r2 address 02:00:00:00:00:22; ip -n $server neigh flush dev s1"},
					{"a device of nfvm's deleted", "for i in $(ip -br link show | grep -o '^nfvm-i[0-9]*' | tail -1); do ip link del $i; done"},
					{"both", "ip link del nfvm-o$(cat /sys/class/net/r2/ifindex) 2>/dev/null; ip link del r2; " + link2},
				} {
					l.sh("router", "client="+l.ns("client")+" router="+l.ns("router")+" server="+l.ns("server")+"; "+change.script)
					t.Log(time.Now().Format(time.StampMilli), change.name)
					passes(change.name)
				}
			}
			round()
			before := c.usage()
			round()
			round()
			after := c.usage()
			grown(t, before, after)
			t.Logf("%v, %v", before, after)
			web.end(os.Kill)
		})
	}
}
