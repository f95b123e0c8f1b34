//go:build linux

package rtnetlink

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nfvm/host"
	"nfvm/host/procsys"
	"nfvm/internal/testenv"
	"nfvm/nf"
)

// everything sets up links, addresses, routes and rules of each kind.
const everything = `
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=2 net.ipv6.conf.default.accept_dad=0
for i in 0 1 2 3; do
	ip link add d$i type veth peer name p$i
	ip link set d$i up; ip link set p$i up
done
ip link set d3 mtu 9000 group 7
ip link add link d0 name d0.5 type macvlan; ip link set d0.5 up
ip link add br0 type bridge; ip link set p2 master br0; ip link set br0 up
ip link add down0 type bridge
ip tuntap add tun0 mode tun
ip addr add 10.0.0.1/24 dev d0
ip addr add 10.0.0.2/24 dev d0
ip addr add 10.0.1.1/24 brd + dev d1
ip addr add 10.0.1.129/25 dev d1 scope link
ip addr add 10.0.5.1 peer 10.0.5.2/32 dev d2
ip addr add 10.0.6.1/24 dev down0
ip addr add 10.0.7.1/24 dev d0.5
for i in $(seq 1 40); do ip addr add 10.2.0.$i/24 dev d3; done
ip -6 addr add fd00::1/64 dev d0 nodad
ip -6 addr add fd00::2/64 dev d0 nodad preferred_lft 0
ip -6 addr add fd01::1/64 dev d1 nodad
sysctl -qw net.ipv6.conf.d2.accept_dad=1 net.ipv6.conf.d2.dad_transmits=60
ip -6 addr add fd02::7/64 dev d2 # tentative for a minute
ip -6 addr add fd02::1 peer fd02::2/128 dev d2 nodad
ip route add default via 10.0.1.9 mtu 1400 advmss 1300
ip route add 192.0.2.0/24 via 10.0.0.9 src 10.0.0.2 realm 3/5
ip route add 192.0.2.128/25 via 10.0.1.8 metric 10
ip route add 192.0.2.128/25 via 10.0.0.8 metric 5
ip route add 192.0.2.128/25 via 10.0.1.7 metric 10 tos 0x10
ip route add 192.0.3.0/24 nexthop via 10.0.0.8 weight 2 nexthop via 10.0.1.8 weight 5
ip route add 192.0.4.0/24 via inet6 fd00::77 dev d0
ip route add 192.0.5.0/24 dev d3 scope link
ip route add unreachable 10.9.0.0/16
ip route add prohibit 10.10.0.0/16
ip route add blackhole 10.11.0.0/16
ip route add throw 10.12.0.0/16
ip route add local 10.13.0.0/16 dev lo table local
ip route add broadcast 10.14.0.0 dev d0 table local
ip route add 198.51.100.0/24 via 10.0.0.77 table 100
ip route add default via 10.0.5.2 table 1001
ip nexthop add id 1 via 10.0.0.8 dev d0
ip nexthop add id 2 via 10.0.0.7 dev d0
ip nexthop add id 3 group 1,3/2,7
ip nexthop add id 4 blackhole
ip route add 192.0.6.0/24 nhid 1
ip route add 192.0.7.0/24 nhid 3
ip route add 192.0.8.0/24 nhid 4
ip rule add fwmark 0x5/0xff lookup 100 prio 50
ip rule add from 10.0.0.5/28 lookup 1001 prio 60
ip rule add to 203.0.113.7 prohibit prio 70
ip rule add iif d1 to 203.0.113.8 unreachable prio 71
ip rule add not to 203.0.113.9 tos 0x10 lookup 100 prio 72
ip rule add oif d2 ipproto tcp sport 1000-2000 dport 443 lookup 1001 prio 73
ip rule add to 203.0.113.9 blackhole prio 75
ip rule add iif gone0 lookup 100 prio 76
ip rule add fwmark 9 goto 32766 prio 77
ip rule add lookup main suppress_prefixlength 0 prio 78
ip rule add to 203.0.113.10 type nop prio 79
ip rule add l3mdev prio 80
ip rule add uidrange 5-6 lookup 100 prio 81
ip rule add tun_id 5 lookup 100 prio 82
ip rule add uidrange 0-6 lookup 1002 prio 84
ip -6 route add default via fd01::9 metric 7
ip -6 route add 2001:db8:1::/48 via fd00::9
ip -6 route add 2001:db8:4::/48 nexthop via fd00::8 weight 3 nexthop via fd01::8
ip -6 route add prohibit 2001:db8:2::/48
ip -6 route add unreachable 2001:db8:3::/48
ip -6 route add blackhole 2001:db8:5::/48
ip -6 route add throw 2001:db8:6::/48
ip -6 rule add fwmark 7 prohibit prio 40
ip -6 rule add from fd00::/64 to 2001:db8:7::/48 lookup 100 prio 41
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev d0 nud permanent
ip neigh add 10.0.0.10 lladdr 02:00:00:00:00:0a dev d0 nud stale
ip neigh add 10.0.0.11 dev d0 nud failed
ip neigh add fd00::9 lladdr 02:00:00:00:00:19 dev d0 nud reachable
ip neigh add proxy 10.0.0.12 dev d0
ip link set p1 down
sleep 0.5
`

// describe prints HOST.json by iproute2.
const describe = `for what in "-d addr" "route show table all" "-6 route show table all" "rule" "-6 rule" "neigh"; do ip -j $what | tr -d '\n'; echo; done`

func jsonConfig(t *testing.T, ns *testenv.Namespace) host.Config {
	t.Helper()
	lines := strings.Split(strings.TrimRight(ns.Shell(t, describe), "\n"), "\n")
	var settings map[string]string
	ns.Do(func() {
		r := procsys.Open()
		settings = r.Read()
		r.Close()
	})
	sysctls, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	text := "{"
	for i, key := range []string{"addr", "route", "route6", "rule", "rule6", "neigh"} {
		text += fmt.Sprintf("%q: %s,\n", key, lines[i])
	}
	c, err := host.ParseConfig([]byte(text + `"sysctl":` + string(sysctls) + "}"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func readIn(t testing.TB, ns *testenv.Namespace) (c host.Config) {
	t.Helper()
	var err error
	ns.Do(func() { c, err = Read() })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// normal brings what has no order into one. Routes to the same prefix stay in
// the order of the kernel, as the first of them may win.
func normal(c host.Config) host.Config {
	c.Routes = slices.Clone(c.Routes)
	slices.SortStableFunc(c.Routes, func(a, b host.Route) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), a.Dst.Compare(b.Dst))
	})
	c.Neighbours = slices.Clone(c.Neighbours)
	slices.SortFunc(c.Neighbours, func(a, b host.Neighbour) int {
		return cmp.Or(cmp.Compare(a.Link.Index, b.Link.Index), a.Addr.Compare(b.Addr))
	})
	slices.Sort(c.Remarks)
	return c
}

var comparable = gocmp.Options{
	gocmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	gocmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	// The bridges of a live host are the kernel's to run.
	cmpopts.IgnoreFields(nf.Link{}, "Bridge", "Port"),
}

// steady gives both descriptions of a machine on which nothing happened in
// between: IPv6 addresses come when they like.
func steady(t *testing.T, ns *testenv.Namespace) (byIP, byNetlink host.Config) {
	t.Helper()
	for range 50 {
		before := normal(readIn(t, ns))
		byIP, byNetlink = normal(jsonConfig(t, ns)), normal(readIn(t, ns))
		if gocmp.Equal(before, byNetlink, comparable) {
			return byIP, byNetlink
		}
	}
	t.Fatal("the machine does not come to rest")
	return
}

func TestReadLikeIproute2(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Program("ip"), testenv.Program("sysctl"))
	ns := testenv.NewNamespace(t)
	ns.Shell(t, everything)
	want, got := steady(t, ns)
	got.NoLearning = false
	if d := gocmp.Diff(want, got, comparable); d != "" {
		t.Errorf("HOST.json (-), netlink (+):\n%s", d)
	}
}
