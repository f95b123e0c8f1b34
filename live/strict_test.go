//go:build linux

package live_test

import (
	"os"
	"path/filepath"
	"testing"

	"nfvm/internal/testenv"
)

// strictQuestions are asked of a host both of whose policies are drop. What its
// output rules drop it is not told of, so those questions end with a timeout.
var strictQuestions = []question{
	{"ping", "client", "ping -qc 2 -i .2 -W 1 10.9.1.1 | grep -o '.*received'"},
	{"ping6", "client", "ping -qc 1 -W 1 fd00:1::1 | grep -o '.*received'"},
	{"http", "client", curl + "http://10.9.1.1/large; " + curl + "http://[fd00:1::1]/large"},
	{"http, redirected from several ports", "client", "for p in 8000 8001 8002; do " + curl + "http://10.9.1.1:$p/large; " + curl + "http://[fd00:1::1]:$p/large; done"},
	{"ports that are not served", "client", "for p in 79 81 8003; do " + curl + "-m 1 http://10.9.1.1:$p/; done"},
	{"dns", "client", "for a in 10.9.1.1 fd00:1::1; do dig +short +time=2 +tries=2 @$a host.test; dig +short +tcp +time=2 +tries=2 @$a host.test; dig +short +time=2 +tries=2 -p 5353 @$a host.test; done"},
	{"dns from another port", "client", "dig +short +time=1 +tries=1 -p 5354 @10.9.1.1 host.test | tail -1"},
	{"ssh", "client", "ssh -F none -i key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@10.9.1.1 'head -c 1000000 /dev/zero' | wc -c"},
	{"iperf3", "client", "iperf3 -c 10.9.1.1 -t 1 -J | grep -c '\"error\"'; iperf3 -R -c 10.9.1.1 -t 1 -J | grep -c '\"error\"'"},
	{"iperf3 6, which is not for it", "client", "timeout 2 iperf3 -c fd00:1::1 -t 1 >/dev/null 2>&1; echo $?"},
	{"refused by reset", "client", curl + "http://10.9.1.1:113/; " + curl + "http://[fd00:1::1]:113/"},
	{"refused by prohibition", "client", "echo x | nc -u -w 1 10.9.1.1 54; echo $?; traceroute -n -q 1 -w 1 -f 1 -m 1 -U -p 54 10.9.1.1 | tail -1 | awk '{print $2, $5}'"},
	{"out", "router", curl + "http://10.9.1.2/large; " + curl + "http://[fd00:1::2]/large; ping -qc 1 -W 1 10.9.1.2 | grep -o '.*received'"},
	{"out, translated", "router", curl + "http://10.9.1.2:8080/large"},
	{"out, as a user who may not", "router", "setpriv --reuid 65533 " + curl + "http://10.9.1.2/; setpriv --reuid 65533 " + curl + "'http://[fd00:1::2]/'"},
	{"out, refused", "router", curl + "http://10.9.1.2:81/; " + curl + "http://[fd00:1::2]:81/; " + curl + "http://10.9.1.2:82/"},
	{"out, dropped", "router", curl + "-m 1 http://10.9.1.2:83/; " + curl + "-m 1 http://[fd00:1::2]:83/"},
	{"out, asking", "router", "dig +short +time=2 +tries=2 @10.9.1.2 host.test; dig +short +time=2 +tries=2 @fd00:1::2 host.test"},
	{"loopback", "router", "for a in 127.0.0.1 [::1] 10.9.1.1 [fd00:1::1]; do " + curl + "http://$a/large; done; ping -qc 1 -W 1 ::1 | grep -o '.*received'; ping -qc 1 -W 1 127.0.0.1 | grep -o '.*received'"},
	{"loopback, other ports", "router", curl + "http://127.0.0.1:81/; exec 3<>/dev/tcp/127.0.0.1/5201 && echo open; dig +short @127.0.0.1 host.test"},
}

// TestStrictHost: services on several ports, what a host may send, and its own
// loopback are as with the kernel where all that is not named is dropped.
func TestStrictHost(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"curl", "dig", "iperf3", "ping", "nc", "ssh", "sshd", "dnsmasq", "traceroute", "setpriv"} {
		testenv.Need(t, testenv.Program(p))
	}
	l := newLab(t)
	l.build("web")
	l.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(l.dir, "key"))
	l.sh("router", "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000")
	for _, ns := range []string{"client", "router"} {
		l.serve(ns, filepath.Join(l.dir, "web"), ":80")
		l.resolver(ns)
		l.waitFor(ns, "exec 3<>/dev/tcp/127.0.0.1/80 4<>/dev/tcp/127.0.0.1/53")
	}
	l.serve("router", "iperf3", "-s")
	l.sshd("router")
	l.waitFor("router", "exec 3<>/dev/tcp/127.0.0.1/5201 4<>/dev/tcp/127.0.0.1/22")
	rules := abs(t, "testdata/strict.nft")
	l.sh("router", "nft -f "+rules)
	want := l.ask(strictQuestions)
	l.sh("router", "nft flush ruleset; conntrack -F 2>/dev/null; true")
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) {
			p := l.guard("--driver", driver, "--iface", "r1", rules)
			got := l.askAgain(strictQuestions, want)
			p.end(os.Interrupt)
			compare(t, strictQuestions, want, got)
			if t.Failed() {
				t.Logf("nfvm said:\n%s", p.stderr)
			}
		})
	}
}
