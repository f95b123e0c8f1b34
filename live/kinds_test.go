//go:build linux

package live_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKinds: bridges and macvlan interfaces are guarded as any other; a port, a
// device without Ethernet headers and the loopback are refused, and left as they
// were.
func TestKinds(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	rules := filepath.Join(l.dir, "rules.nft")
	text := "table inet t {\n chain i {\n type filter hook input priority 0; policy drop;\n iif lo accept\n ct state established accept\n icmp type echo-request accept\n }\n}\n"
	if err := os.WriteFile(rules, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	l.build("web")
	l.serve("router", "./web", ":80")
	l.waitFor("router", "exec 3<>/dev/tcp/127.0.0.1/80")
	l.sh("router", "ip addr del 10.9.1.1/24 dev r1; ip link add br0 type bridge; ip link set r1 master br0; ip addr add 10.9.1.1/24 dev br0; ip link set br0 up;"+
		"ip tuntap add tun0 mode tun; ip link set tun0 up; ip addr del 10.9.2.1/24 dev r2; ip link add link r2 name mac0 type macvlan; ip addr add 10.9.2.9/24 dev mac0; ip link set mac0 up")
	for _, c := range []struct{ iface, why string }{
		{"r1", "it is a port of the bridge br0, which can be guarded instead"},
		{"tun0", "it is not an Ethernet device, but of type none"},
		{"lo", "it is not an Ethernet device, but of type loopback"},
	} {
		p := l.start("router", l.buildNfvm(), "--control", "none", "--on-exit", "closed", "--iface", c.iface, rules)
		<-p.done
		if want := "interface " + c.iface + ": " + c.why + "\n"; !strings.HasSuffix(p.stderr.String(), want) || p.cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: exit %d, %s\nwant %s", c.iface, p.cmd.ProcessState.ExitCode(), p.stderr, want)
		}
	}
	for _, c := range []struct{ iface, from, addr string }{{"br0", "client", "10.9.1.1"}, {"mac0", "server", "10.9.2.9"}} {
		p := l.guard("--on-exit", "open", "--iface", c.iface, rules)
		l.waitFor(c.from, "ping -qc 1 -W 1 "+c.addr)
		if _, err := l.try(c.from, "curl -s -m 2 http://"+c.addr+"/", time.Minute); err == nil {
			t.Errorf("%s: a service is reached that the rules don't name", c.iface)
		}
		p.end(os.Interrupt)
		l.waitFor(c.from, "curl -s -m 2 http://"+c.addr+"/")
	}
}
