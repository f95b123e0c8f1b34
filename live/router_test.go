//go:build linux

package live_test

import (
	"testing"

	"nfvm/internal/testenv"
)

// routerQuestions are about what a router does besides filtering.
var routerQuestions = []question{
	{"nobody there", "client", "ping -c 1 -W 5 10.9.2.99 | grep -oE 'From.*|.*received'"},
	{"nobody there 6", "client", "ping -c 1 -W 5 fd00:2::99 | grep -oE 'From.*|.*received'"},
	{"nobody there, tcp", "client", "curl -s -m 8 -o /dev/null -w '%{errormsg}' http://10.9.2.98/"},
	{"nobody there, tcp 6", "client", "curl -s -m 8 -o /dev/null -w '%{errormsg}' http://[fd00:2::98]/"},
	{"nobody there, by dnat", "client", "curl -s -m 8 -o /dev/null -w '%{errormsg}' http://10.9.1.1:8099/"},
	{"no route", "client", "ping -c 1 -W 1 192.0.2.1 | grep -oE 'From.*|.*received'"},
	{"no route 6", "client", "ping -c 1 -W 1 2001:db8::1 | grep -oE 'From.*|.*received'"},
	{"prohibited route", "client", "ping -c 1 -W 1 192.0.2.129 | grep -oE 'From.*|.*received'; ping -c 1 -W 1 2001:db8:1::1 | grep -oE 'From.*|.*received'"},
	{"blackhole", "client", "ping -c 1 -W 1 198.51.100.1 | grep -oE 'From.*|.*received'"},
	{"ttl", "client", "ping -c 1 -W 1 -t 1 10.9.2.2 | grep -oE 'From.*|.*received'; ping -c 1 -W 1 -t 1 fd00:2::2 | grep -oE 'From.*|.*received'"},
	{"traceroute udp", "client", hops("10.9.2.2") + hops("fd00:2::2")},
	{"traceroute tcp", "client", hops("-T -p 80 10.9.2.2") + hops("-T -p 80 fd00:2::2")},
	{"traceroute icmp", "client", hops("-I 10.9.2.2") + hops("-I fd00:2::2")},
	{"traceroute to the router", "client", hops("-T -p 22 10.9.1.1") + hops("-I 10.9.1.1") + hops("-I fd00:1::1")},
	{"traceroute from the router", "router", hops("10.9.2.2") + hops("-T -p 80 10.9.2.2") + hops("-I fd00:2::2")},
	{"broadcast ping", "client", "sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0; ping -b -c 1 -W 1 10.9.1.255 2>/dev/null | grep -oE '.*received'"},
	{"multicast ping", "client", "ping -c 1 -W 1 -I c1 224.0.0.1 | grep -oE '.*received'; ping -c 1 -W 1 -I c1 ff02::1 | grep -oE 'from fe80|.*received' | sort -u; ping -c 1 -W 1 -I c1 ff02::2 | grep -oE '.*received'"},
	{"multicast from the router", "router", "ping -c 1 -W 1 -I r1 ff02::1 | grep -oE '.*received'; ping -c 1 -W 1 -I r1 224.0.0.1 | grep -oE '.*received'"},
	{"neighbours found again", "client", "ip neigh flush dev c1; ip -6 neigh flush dev c1; ping -qc 1 -W 2 10.9.2.2 | grep -o '.*received'; ping -qc 1 -W 2 fd00:2::2 | grep -o '.*received'"},
	{"neighbours of the router found again", "router", "ip neigh flush dev r2; ip -6 neigh flush dev r2; ip -6 neigh flush dev r1; ip neigh flush dev r1; ping -qc 1 -W 2 10.9.2.2 | grep -o '.*received'; ping -qc 1 -W 2 fd00:2::2 | grep -o '.*received'"},
	{"link-local", "client", "a=$(ping -c 1 -W 1 -I c1 ff02::2 | grep -om1 'fe80::[0-9a-f:]*[0-9a-f]'); ping -qc 1 -W 2 $a%c1 | grep -o '.*received'"},
	{"arping", "client", "ip neigh flush dev c1; ping -qc 1 -W 1 10.9.1.1 >/dev/null; ip neigh show 10.9.1.1 dev c1 | grep -c lladdr"},
}

func hops(to string) string {
	return "traceroute -n -q 1 -w 1 -m 3 " + to + " | tail -n +2 | awk '{print $1, $2, $5}'; "
}

// TestRouter: errors, hops, neighbours, broadcasts and groups are as with the
// kernel.
func TestRouter(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"curl", "traceroute", "ping"} {
		testenv.Need(t, testenv.Program(p))
	}
	l := newLab(t)
	l.build("web")
	l.serve("server", "./web", ":80")
	l.waitFor("server", "exec 3<>/dev/tcp/10.9.2.2/80")
	l.sh("router", "sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0 net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.neigh.r2.retrans_time_ms=250 net.ipv6.neigh.r2.retrans_time_ms=250;"+
		"ip route add prohibit 192.0.2.128/25; ip route add prohibit 2001:db8:1::/64; ip route add blackhole 198.51.100.0/24")
	rules := abs(t, "testdata/routing.nft")
	l.sh("router", "nft -f "+rules)
	want := l.ask(routerQuestions)
	l.sh("router", "nft flush ruleset; conntrack -F 2>/dev/null; true")
	l.byEveryDriver(t, routerQuestions, want, "--iface", "r1", "--iface", "r2", rules)
}
