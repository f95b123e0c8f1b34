//go:build linux

package live_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// soak is for how long TestSoak goes on; a short run shows only that it works.
var soak = flag.Duration("soak", 10*time.Second, "how long TestSoak goes on")

// soakRules are one of two versions that translate the same.
func soakRules(version int) string {
	return fmt.Sprintf(`table inet t {
 set friends { type ipv4_addr; flags timeout; }
 set seen { type ipv4_addr . inet_service; flags dynamic, timeout; timeout 2s; size 10000; }
 set other%[1]d { type ipv4_addr; flags interval; elements = { 192.0.2.0/25, 198.51.100.%[1]d } }
 chain d {
  type nat hook prerouting priority -100
  tcp dport 8007 dnat ip to 10.9.2.2:7
 }
 chain f {
  type filter hook forward priority 0; policy drop
  ip saddr @other%[1]d drop
  update @seen { ip saddr . th sport } counter
  ct state established,related accept
  ct state invalid drop
  iifname r1 tcp flags & (fin|syn|rst|ack) == syn limit rate over 10000/second burst 1000 packets drop
  iifname r1 accept
 }
 chain p {
  type nat hook postrouting priority 100
  oifname r2 meta nfproto ipv6 masquerade
  oifname r2 meta l4proto udp masquerade
  oifname r2 ip protocol tcp snat ip to 10.9.2.1:20000-60000
 }
}
`, version)
}

// shortTimeouts let connections that are over go soon.
var shortTimeouts = []string{
	"tcp_timeout_time_wait=1", "tcp_timeout_close=1", "tcp_timeout_fin_wait=5", "tcp_timeout_last_ack=5", "tcp_timeout_close_wait=5",
	"udp_timeout=1", "udp_timeout_stream=2", "icmp_timeout=1",
}

// TestSoak: while connections come and go, rules are reloaded, elements and
// addresses change, monitors connect and connections are saved, nothing is lost
// and nothing grows.
//
//	go test ./live -run TestSoak -soak 10m
func TestSoak(t *testing.T) {
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			newSoaked(t, driver).run()
		})
	}
}

// A soaked is a lab for TestSoak.
type soaked struct {
	*controlled
	rounds int
}

func newSoaked(t *testing.T, driver string) *soaked {
	l := newLab(t)
	s := &soaked{controlled: &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}}
	s.write(soakRules(0))
	l.build("probe")
	l.serve("server", "./probe", "echo", ":7")
	l.waitFor("server", "exec 3<>/dev/tcp/10.9.2.2/7")
	args := []string{"--driver", driver, "--on-exit", "closed", "--iface", "r1", "--iface", "r2",
		"--state", filepath.Join(l.dir, "conntrack"), "--state-every", "1s", "--metrics", "unix:" + l.dir + "/metrics.sock"}
	for _, v := range shortTimeouts {
		args = append(args, "--sysctl", "net.netfilter.nf_conntrack_"+v)
	}
	if *soak > time.Minute { // in one word: guardBy's lock on memory is not for so long
		args = append([]string{"--driver=" + driver}, args[2:]...)
	}
	// The other tests want some of the memory that may be locked, too.
	s.guard = l.guardBy([]string{"prlimit", "--memlock=4194304"}, append(args, s.rules)...)
	return s
}

func (s *soaked) run() {
	seconds := int(soak.Seconds())
	said := make(chan string)
	for _, script := range []string{
		fmt.Sprintf("./probe hold 10.9.2.2:7 2 %d", seconds), fmt.Sprintf("./probe hold 10.9.1.1:8007 2 %d", seconds),
		fmt.Sprintf("./probe churn 10.9.2.2:7 10 %d", seconds), fmt.Sprintf("./probe churn [fd00:2::2]:7 5 %d", seconds),
	} {
		go func() { said <- script + ": " + s.lab.said("client", script, *soak+3*time.Minute) }()
	}
	begun := time.Now()
	var before usage
	pace := time.NewTicker(time.Second) // the machine has other tests to do
	defer pace.Stop()
	for ; time.Since(begun) < *soak; <-pace.C {
		s.round()
		if before == (usage{}) && time.Since(begun) > *soak/5 {
			before = s.usage()
		}
	}
	now := s.usage()
	for range 4 {
		if out := <-said; !strings.Contains(out, ": 0 broken") {
			s.t.Error(out)
		} else {
			s.t.Log(strings.TrimSpace(out))
		}
	}
	grown(s.t.(*testing.T), before, now)
	s.t.Logf("%d rounds\nin between: %v\nat the end: %v", s.rounds, before, now)
	s.drains()
	s.guard.end(syscall.SIGTERM)
	log := s.guard.stderr.String()
	mistakes := strings.Count(log, `level=ERROR msg="not reloaded`)
	if s.guard.cmd.ProcessState.ExitCode() != 0 || strings.Count(log, "level=ERROR") != mistakes || strings.Contains(log, "panic") {
		s.t.Errorf("nfvm ends with %v:\n%s", s.guard.cmd.ProcessState, log)
	}
}

// round changes what can change without harm for a connection.
func (s *soaked) round() {
	s.rounds++
	i := s.rounds
	s.write(soakRules(i % 2))
	s.says("reload")
	s.says(fmt.Sprintf("add element inet t friends '{ 10.8.0.%d timeout 3s }'", i%250))
	s.sh("router", fmt.Sprintf("ip addr add 10.9.2.%d/24 dev r2; ip route add 10.7.%[1]d.0/24 via 10.9.2.2; ip neigh flush dev r2; "+
		"ip link set r2 mtu %d; ip link add v%[1]d type veth peer name w%[1]d; ip link set v%[1]d up;"+
		"curl -s --unix-socket metrics.sock http://x/metrics >/dev/null;"+
		"ip link del v%[1]d; ip route del 10.7.%[1]d.0/24; ip addr del 10.9.2.%[1]d/24 dev r2", 10+i%200, 1500+i%2*100))
	switch i % 4 {
	case 0: // a mistake, and a change that is taken back
		s.write("nonsense")
		s.refuses("reload")
		s.write(soakRules(2))
		s.says("apply --confirm 20s " + s.rules)
		s.says("rollback")
	case 1:
		_, _ = s.try("router", "timeout .3 "+s.buildNfvm()+" monitor --control "+s.dir+"/control.sock events", time.Minute)
	case 2:
		s.says("list ruleset")
		s.says("conntrack -L")
	case 3:
		time.Sleep(time.Second)
	}
}

// drains waits until all connections are over and gone.
func (s *soaked) drains() {
	var u usage
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if u = s.usage(); u.connections == 0 {
			return
		}
	}
	s.t.Errorf("%d connections stay:\n%s", u.connections, s.says("conntrack -L"))
}
