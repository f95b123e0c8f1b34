//go:build linux

package live_test

import (
	"path/filepath"
	"testing"

	"nfvm/internal/testenv"
)

var oneSideQuestions = []question{
	{"ping", "client", "ping -qc 2 -i .2 -W 1 10.9.2.2 | grep -o '.*received'"},
	{"ping large", "client", "ping -qc 2 -i .2 -W 1 -s 20000 10.9.2.2 | grep -o '.*received'"},
	{"http", "client", curl + "http://10.9.2.2/large"},
	{"http6", "client", curl + "http://[fd00:2::2]/large"},
	{"dropped", "client", curl + "-m 1 http://10.9.2.2:81/"},
	{"not from the server", "server", "ping -qc 1 -W 1 10.9.1.2 | grep -o '.*received'; " + curl + "-m 1 http://10.9.1.2/"},
	{"hops from the server", "server", "traceroute -n -q 1 -w 1 -m 4 10.9.1.2 | tail -n +2 | awk '{print $1, $2}'"},
	{"router itself", "client", curl + "http://10.9.1.1/large"},
}

// TestOneSide: with one of two interfaces managed the other's packets are
// forwarded and filtered all the same.
func TestOneSide(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"curl", "ping", "traceroute"} {
		testenv.Need(t, testenv.Program(p))
	}
	l := newLab(t)
	l.build("web")
	for _, ns := range []string{"client", "router", "server"} {
		l.serve(ns, filepath.Join(l.dir, "web"), ":80")
		l.waitFor(ns, "exec 3<>/dev/tcp/127.0.0.1/80")
	}
	l.sh("server", "ip route add 10.9.1.0/24 via 10.9.2.1; ip route add fd00:1::/64 via fd00:2::1")
	rules := abs(t, "testdata/oneside.nft")
	l.sh("router", "nft -f "+rules)
	want := l.ask(oneSideQuestions)
	l.sh("router", "nft flush ruleset")
	l.byEveryDriver(t, oneSideQuestions, want, "--iface", "r1", rules)
}
