//go:build linux

package live_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"nfvm/internal/testenv"
)

// A question is what a person would try at one of the three machines. Its answer
// must be the same whether the kernel or nfvm filters.
type question struct{ name, ns, script string }

const curl = `curl -s -o /dev/null -m 5 -w '%{http_code} %{size_download} %{errormsg}\n' `

var questions = []question{
	{"ping router", "client", "ping -qc 2 -i .2 -W 1 10.9.1.1 | grep -o '.*received'"},
	{"ping server", "client", "ping -qc 2 -i .2 -W 1 10.9.2.2 | grep -o '.*received'"},
	{"ping6 router", "client", "ping -qc 2 -i .2 -W 1 fd00:1::1 | grep -o '.*received'"},
	{"ping6 server", "client", "ping -qc 2 -i .2 -W 1 fd00:2::2 | grep -o '.*received'"},
	{"ping large", "client", "ping -qc 2 -i .2 -W 1 -s 20000 10.9.2.2 | grep -o '.*received'"},
	{"ping6 large", "client", "ping -qc 2 -i .2 -W 1 -s 20000 fd00:2::2 | grep -o '.*received'"},
	{"ping from server", "server", "ping -qc 1 -W 1 10.9.2.1 | grep -o '.*received'"},
	{"no way back in", "server", "ip route replace 10.9.1.0/24 via 10.9.2.1; ping -qc 1 -W 1 10.9.1.2 | grep -o '.*received'; ip route del 10.9.1.0/24"},
	{"http", "client", curl + "http://10.9.2.2/"},
	{"http6", "client", curl + "http://[fd00:2::2]/"},
	{"http large", "client", curl + "http://10.9.2.2/large"},
	{"http6 large", "client", curl + "http://[fd00:2::2]/large"},
	{"http by dnat", "client", curl + "http://10.9.1.1:8080/large"},
	{"http6 by dnat", "client", curl + "http://[fd00:1::1]:8080/large"},
	{"http source is masqueraded", "client", "curl -s -m 5 http://10.9.2.2/peer; curl -s -m 5 http://[fd00:2::2]/peer"},
	{"http from router", "router", curl + "http://10.9.2.2/large"},
	{"http from a user who may not", "router", "setpriv --reuid 65533 " + curl + "http://10.9.2.2/"},
	{"upload", "client", "head -c 3000000 /dev/zero | curl -s -m 10 --data-binary @- http://10.9.2.2/count"},
	{"refused by reset", "client", curl + "http://10.9.1.1:7777/"},
	{"refused by prohibition", "client", curl + "http://10.9.1.1:7778/"},
	{"refused on the way", "client", curl + "http://10.9.2.2:81/"},
	{"refused on the way 6", "client", curl + "http://[fd00:2::2]:81/"},
	{"refused at output", "router", curl + "http://10.9.2.2:9998/"},
	{"dropped", "client", "curl -s -m 1 http://10.9.1.1:9/; echo $?"},
	{"dns", "client", "dig +short +time=2 +tries=1 @10.9.2.2 host.test; dig +short +time=2 +tries=1 @fd00:2::2 host.test; dig +short +tcp +time=2 +tries=1 @10.9.2.2 host.test"},
	{"traceroute", "client", "traceroute -n -q 1 -w 1 -m 4 10.9.2.2 | tail -n +2 | awk '{print $1, $2}'"},
	{"traceroute6", "client", "traceroute -6 -n -q 1 -w 1 -m 4 fd00:2::2 | tail -n +2 | awk '{print $1, $2}'"},
	{"traceroute to router", "client", "traceroute -n -q 1 -w 1 -m 4 10.9.1.1 | tail -n +2 | awk '{print $1, $2}'"},
	{"path MTU", "client", "ip route flush cache; ping -qc 1 -W 1 -M do -s 1400 10.9.2.2 | grep -o '.*received'; ping -c 1 -W 1 -M do -s 1460 10.9.2.2 | grep -o 'Frag.*'"},
	{"ssh", "client", "ssh -F none -i key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@10.9.2.2 echo it works"},
	{"iperf3 tcp", "client", "iperf3 -c 10.9.2.2 -t 1 -J | grep -c '\"error\"'"},
	{"iperf3 tcp back", "client", "iperf3 -R -c 10.9.2.2 -t 1 -J | grep -c '\"error\"'"},
	{"iperf3 udp", "client", "iperf3 -u -b 20M -c 10.9.2.2 -t 1 -J | grep -c '\"error\"'"},
	{"iperf3 tcp 6", "client", "iperf3 -c fd00:2::2 -t 1 -J | grep -c '\"error\"'"},
}

// TestGateway: a client, a router and a server talk through the same rules, once
// in the kernel and once in nfvm, and see the same.
func TestGateway(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"curl", "dig", "traceroute", "iperf3", "sshd", "dnsmasq", "ping"} {
		testenv.Need(t, testenv.Program(p))
	}
	l := newLab(t)
	l.services()
	rules := abs(t, "testdata/router.nft")
	l.sh("router", "nft -f "+rules)
	want := l.ask(questions)
	l.sh("router", "nft flush ruleset; conntrack -F 2>/dev/null; true")
	l.byEveryDriver(t, questions, want, "--iface", "r1", "--iface", "r2", rules)
}

// byEveryDriver has nfvm with these arguments in the kernel's place, by each of the
// drivers, and expects the same answers.
func (l *lab) byEveryDriver(t *testing.T, list []question, want []string, args ...string) {
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) {
			l := l.with(t)
			p := l.guard(append([]string{"--driver", driver}, args...)...)
			got := l.askAgain(list, want)
			p.end(os.Interrupt)
			compare(t, list, want, got)
			if t.Failed() {
				t.Logf("nfvm said:\n%s", p.stderr)
			}
		})
	}
}

// took is how long something took, which is no part of an answer.
var took = regexp.MustCompile(`after \d+ (ms|milliseconds)`)

func (l *lab) ask(list []question) []string {
	out := make([]string, len(list))
	for i, q := range list {
		out[i] = l.answer(q)
	}
	return out
}

func (l *lab) answer(q question) string {
	text, _ := l.try(q.ns, q.script, 20*time.Second)
	return strings.TrimSpace(took.ReplaceAllString(text, ""))
}

// askAgain asks what has been asked before. A different answer is asked for again,
// as a person would: programs have timeouts, the machine may be busy, and errors
// are limited to one a second.
func (l *lab) askAgain(list []question, before []string) []string {
	out := make([]string, len(list))
	for i, q := range list {
		for try := range 4 {
			time.Sleep(time.Duration(try) * time.Second)
			if out[i] = l.answer(q); out[i] == before[i] {
				break
			}
		}
	}
	return out
}

// services starts what the server serves.
func (l *lab) services() {
	l.t.Helper()
	l.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(l.dir, "key"))
	l.build("web")
	l.serve("server", filepath.Join(l.dir, "web"), ":80")
	l.serve("server", "iperf3", "-s")
	l.resolver("server")
	l.sshd("server")
	for _, port := range []string{"22", "53", "80", "5201"} {
		l.waitFor("server", "exec 3<>/dev/tcp/10.9.2.2/"+port)
	}
}

// resolver serves DNS with one name.
func (l *lab) resolver(ns string) {
	l.t.Helper()
	l.serve(ns, "dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
		"--pid-file=", "--user=root", "--address=/host.test/192.0.2.7")
}

// sshd serves SSH for those with the lab's key.
func (l *lab) sshd(ns string) {
	l.t.Helper()
	l.must("mkdir", "-p", "/run/sshd")
	l.serve(ns, "/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-h", filepath.Join(l.dir, "key"),
		"-o", "AuthorizedKeysFile="+filepath.Join(l.dir, "key.pub"), "-o", "StrictModes=no", "-o", "PidFile=none")
}
