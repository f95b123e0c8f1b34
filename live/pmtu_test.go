//go:build linux

package live_test

import (
	"testing"

	"nfvm/internal/testenv"
)

// pmtuQuestions find out what a path carries. Each begins with a machine that
// has learned nothing.
var pmtuQuestions = []question{
	{"up", "client", forget + "head -c 3000000 /dev/zero | " + slow + "--data-binary @- http://10.9.2.2/count; " + mtuTo("10.9.2.2")},
	{"up 6", "client", forget + "head -c 3000000 /dev/zero | " + slow + "--data-binary @- http://[fd00:2::2]/count; " + mtuTo("fd00:2::2")},
	{"down", "client", forget + slow + "-o /dev/null -w '%{http_code} %{size_download} %{errormsg}' http://10.9.2.2/large"},
	{"down 6", "client", forget + slow + "-o /dev/null -w '%{http_code} %{size_download} %{errormsg}' http://[fd00:2::2]/large"},
	{"by dnat", "client", forget + slow + "-o /dev/null -w '%{http_code} %{size_download} %{errormsg}' http://10.9.1.1:8080/large"},
	{"by dnat 6", "client", forget + slow + "-o /dev/null -w '%{http_code} %{size_download} %{errormsg}' http://[fd00:1::1]:8080/large"},
	{"without discovery", "client", forget + "sysctl -qw net.ipv4.ip_no_pmtu_disc=1; head -c 3000000 /dev/zero | " + slow + "--data-binary @- http://10.9.2.2/count; sysctl -qw net.ipv4.ip_no_pmtu_disc=0; " + mtuTo("10.9.2.2")},
	{"ping, uncut", "client", forget + "for s in 1200 1272 1273 1400; do ping -c 1 -W 1 -M do -s $s 10.9.2.2 | grep -oE 'Frag.*|mtu.*|.*received'; done"},
	{"ping 6, uncut", "client", forget + "for s in 1200 1252 1253 1400; do ping -c 1 -W 1 -M do -s $s fd00:2::2 | grep -oE 'Packet too big.*|mtu.*|.*received'; done"},
	{"ping, cut", "client", forget + "ping -qc 3 -i .2 -W 2 -M dont -s 9000 10.9.2.2 | grep -o '.*received'; " + mtuTo("10.9.2.2")},
	{"udp", "client", forget + "for s in 1200 1400 9000 60000; do ./probe udp 10.9.2.2:7 $s; done; " + mtuTo("10.9.2.2")},
	{"udp 6", "client", forget + "for s in 1200 1400 9000 60000; do ./probe udp [fd00:2::2]:7 $s; done; " + mtuTo("fd00:2::2")},
	{"udp, uncut", "client", forget + "for s in 1200 1400 9000; do ./probe udp 10.9.2.2:7 $s df; done"},
	{"udp 6, uncut", "client", forget + "for s in 1200 1400 9000; do ./probe udp [fd00:2::2]:7 $s df; done"},
	{"udp of the router", "router", forget + "for s in 1200 1400 9000; do ./probe udp 10.9.2.2:7 $s; ./probe udp [fd00:2::2]:7 $s; done"},
	{"up from the router", "router", forget + "head -c 3000000 /dev/zero | " + slow + "--data-binary @- http://10.9.2.2/count; head -c 3000000 /dev/zero | " + slow + "--data-binary @- http://[fd00:2::2]/count"},
	{"tracepath", "client", forget + "tracepath -n -m 4 10.9.2.2 | grep -o 'pmtu.*' | sort -u; tracepath -6 -n -m 4 fd00:2::2 | grep -o 'pmtu.*' | sort -u"},
	{"what the server learned", "server", mtuTo("10.9.2.1") + mtuTo("fd00:2::1")},
}

const (
	forget = "ip route flush cache; ip -6 route flush cache; "
	slow   = "curl -s -m 20 "
)

func mtuTo(addr string) string {
	return "ip route get " + addr + " | grep -oE 'mtu [0-9]+'; "
}

// TestPathMTU: senders find out what a path carries that is narrow at the
// router, to either side, or behind the next one, as with the kernel; through
// translation, with TCP in large frames, and with fragments.
func TestPathMTU(t *testing.T) {
	for _, p := range []string{"curl", "ping", "tracepath"} {
		testenv.Need(t, testenv.Program(p))
	}
	for _, c := range []struct{ name, narrow string }{
		{"to the server", "ip -n $server link set s1 mtu 1300; ip -n $router link set r2 mtu 1300"},
		{"to the client", "ip -n $client link set c1 mtu 1300; ip -n $router link set r1 mtu 1300"},
		{"by its route", "ip -n $router route change 10.9.2.0/24 dev r2 src 10.9.2.1 mtu 1300; ip -n $router route add fd00:2::2 dev r2 mtu 1300"},
		{"behind the server", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.build("web")
			l.build("probe")
			server := "server"
			if c.narrow == "" {
				server = l.behindServer()
			}
			for _, ns := range []string{server, "router"} {
				l.serve(ns, "./web", ":80")
				l.serve(ns, "./probe", "echo", ":7")
				l.waitFor(ns, "exec 3<>/dev/tcp/127.0.0.1/80 4<>/dev/tcp/127.0.0.1/7")
			}
			l.sh("router", "client="+l.ns("client")+" router="+l.ns("router")+" server="+l.ns("server")+"; "+c.narrow)
			rules := abs(t, "testdata/pmtu.nft")
			l.sh("router", "nft -f "+rules)
			want := l.ask(pmtuQuestions)
			l.sh("server", forget)
			l.sh("router", "nft flush ruleset; conntrack -F 2>/dev/null; true")
			l.byEveryDriver(t, pmtuQuestions, want, "--iface", "r1", "--iface", "r2", rules)
		})
	}
}
