//go:build linux

package host_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"nfvm/host"
	"nfvm/host/rtnetlink"
	"nfvm/internal/testenv"
)

// The kernel's own answer to "where does this packet go" must be ours. The
// machine of the test is set up by this script in a namespace of its own.
const routerScript = `
ip link set lo up
for i in 0 1 2; do ip link add d$i type veth peer name p$i; ip link set d$i up; ip link set p$i up; done
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
for i in 0 1 2; do sysctl -qw net.ipv6.conf.d$i.accept_dad=0; done
ip addr add 10.0.0.1/24 dev d0
ip addr add 10.0.1.1/24 dev d1
ip addr add 10.0.1.129/25 dev d1
ip addr add 10.0.5.1 peer 10.0.5.2/32 dev d2
ip -6 addr add fd00::1/64 dev d0 nodad
ip -6 addr add fd01::1/64 dev d1 nodad
ip route add default via 10.0.1.9
ip route add 192.0.2.0/24 via 10.0.0.9
ip route add 192.0.2.128/25 via 10.0.1.8 metric 10
ip route add 192.0.2.128/25 via 10.0.0.8 metric 5
ip route add unreachable 10.9.0.0/16
ip route add prohibit 10.10.0.0/16
ip route add blackhole 10.11.0.0/16
ip route add throw 10.12.0.0/16
ip route add 198.51.100.0/24 via 10.0.0.77 table 100
ip route add default via 10.0.5.2 table 101
ip rule add fwmark 0x5/0xff lookup 100 prio 50
ip rule add from 10.0.0.0/28 lookup 101 prio 60
ip rule add to 203.0.113.7 prohibit prio 70
ip rule add iif d1 to 203.0.113.8 unreachable prio 71
ip rule add not to 0.0.0.0/0 blackhole prio 72
ip rule add to 203.0.113.9 blackhole prio 73
ip -6 route add default via fd01::9
ip -6 route add 2001:db8:1::/48 via fd00::9
ip -6 route add prohibit 2001:db8:2::/48
ip -6 route add unreachable 2001:db8:3::/48
ip -6 rule add fwmark 7 prohibit prio 40
sleep 0.3
`

type routeGet struct {
	dst, src, iif string
	mark          uint32
}

func kernelQueries() (all []routeGet) {
	dsts := []string{"10.0.0.1", "10.0.0.7", "10.0.0.255", "10.0.1.1", "10.0.1.200", "10.0.5.2", "192.0.2.1",
		"192.0.2.200", "8.8.8.8", "10.9.1.1", "10.10.1.1", "10.11.1.1", "10.12.1.1", "198.51.100.4",
		"203.0.113.7", "203.0.113.8", "203.0.113.9", "127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1"}
	srcs := []string{"10.0.0.5", "10.0.0.77", "10.0.1.20", "10.0.0.1", "172.16.0.1", "127.0.0.9", "10.0.0.255"}
	for _, d := range dsts {
		for _, s := range srcs {
			for _, iif := range []string{"d0", "d1"} {
				all = append(all, routeGet{d, s, iif, 0}, routeGet{d, s, iif, 5})
			}
		}
	}
	for _, d := range []string{"fd00::1", "fd00::7", "fd01::7", "2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1", "2001:db8:9::1"} {
		for _, s := range []string{"fd00::5", "fd01::5"} {
			all = append(all, routeGet{d, s, "d0", 0}, routeGet{d, s, "d1", 7})
		}
	}
	return all
}

// verdictOf is our answer in the form of the kernel's.
func verdictOf(h *host.Host, q routeGet) string {
	query := host.Query{Dst: netip.MustParseAddr(q.dst), Src: netip.MustParseAddr(q.src), In: h.LinkByName(q.iif), Mark: q.mark}
	var d host.Decision
	if query.Dst.Is4() {
		d = h.RouteInput4(&query)
	} else {
		d = h.RouteInput6(&query)
	}
	switch d.Action {
	case host.ActionDeliver:
		return "local"
	case host.ActionForward:
		s := "dev " + d.Result.Out.Name
		if d.Result.Gateway {
			s += " via " + d.Result.NextHop.String()
		}
		return s
	case host.ActionError:
		return fmt.Sprintf("error %d/%d", d.Type, d.Code)
	}
	return "drop"
}

// kernelErrors are the answers of `ip route get` for packets that go nowhere.
var kernelErrors = map[string]string{
	"Network is unreachable": "error 3/0", "No route to host": "error 3/1", "Permission denied": "error 3/13",
	"Invalid argument": "drop", "Invalid cross-device link": "drop",
}

func kernelVerdict(line string, six bool) string {
	for text, v := range kernelErrors {
		if strings.Contains(line, text) {
			if six {
				v = map[string]string{"error 3/13": "error 1/1", "error 3/0": "error 1/0", "error 3/1": "error 1/0"}[v]
			}
			return v
		}
	}
	var got []struct {
		Type, Gateway, Dev string
	}
	if err := json.Unmarshal([]byte(line), &got); err != nil || len(got) == 0 {
		return "unreadable: " + line
	}
	g := got[0]
	switch g.Type {
	case "local", "broadcast", "multicast":
		return "local"
	}
	if g.Gateway != "" {
		return "dev " + g.Dev + " via " + g.Gateway
	}
	return "dev " + g.Dev
}

func TestRoutingLikeTheKernel(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Program("ip"), testenv.Program("sysctl"))
	for _, rp := range []int{0, 1, 2} {
		t.Run(fmt.Sprintf("rp_filter=%d", rp), func(t *testing.T) { compareRouting(t, rp) })
	}
}

func compareRouting(t *testing.T, rp int) {
	queries := kernelQueries()
	script := routerScript + fmt.Sprintf("sysctl -qw net.ipv4.conf.all.rp_filter=%d\n", rp) + `
for what in "-d addr" "route show table all" "-6 route show table all" "rule" "-6 rule"; do ip -j $what | tr -d '\n'; echo; done
set +e
`
	for _, q := range queries {
		script += fmt.Sprintf("ip -j route get %s from %s iif %s mark %d 2>&1 | tr -d '\\n'; echo\n", q.dst, q.src, q.iif, q.mark)
	}
	ns := testenv.NewNamespace(t)
	out := ns.Shell(t, script)
	lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
	if len(lines) != 5+len(queries) {
		t.Fatalf("%d lines for %d queries: %.500s", len(lines), len(queries), out)
	}
	desc := fmt.Sprintf(`{"addr":%s,"route":%s,"route6":%s,"rule":%s,"rule6":%s,"sysctl":{"net.ipv4.ip_forward":"1","net.ipv6.conf.all.forwarding":1,"net.ipv4.conf.all.rp_filter":"%d"}}`,
		lines[0], lines[1], lines[2], lines[3], lines[4], rp)
	described, err := host.Load([]byte(desc))
	if err != nil {
		t.Fatal(err)
	}
	read := readHost(t, ns)
	for i, q := range queries {
		want := kernelVerdict(lines[5+i], strings.Contains(q.dst, ":"))
		if got := verdictOf(described, q); got != want {
			t.Errorf("%+v: %s by JSON, the kernel says %s", q, got, want)
		}
		if got := verdictOf(read, q); got != want {
			t.Errorf("%+v: %s by netlink, the kernel says %s", q, got, want)
		}
	}
}

// readHost makes the host that the kernel describes.
func readHost(t *testing.T, ns *testenv.Namespace) *host.Host {
	t.Helper()
	var c host.Config
	var err error
	ns.Do(func() { c, err = rtnetlink.Read() })
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
