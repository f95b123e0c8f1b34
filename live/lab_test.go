//go:build linux

package live_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nfvm/internal/testenv"
)

// drivers are the ways to take frames, each of which must do.
var drivers = []string{"tap", "xdp", "afpacket"}

// A lab is three network namespaces: a client, a router and a server.
//
//	client c1 10.9.1.2 -- r1 10.9.1.1 router 10.9.2.1 r2 -- s1 10.9.2.2 server
//
// and the same with fd00:1:: and fd00:2::.
type lab struct {
	t   testing.TB
	dir string
	id  int32 // tells the labs of a process apart
}

// labs counts the labs, and programs holds what was built once for all of them.
var (
	labs     atomic.Int32
	programs builds
)

// commandLimit is how long a command may take that ends by itself.
const commandLimit = 20 * time.Second

func newLab(t testing.TB) *lab {
	t.Helper()
	testenv.Need(t, testenv.Root, testenv.Device("/dev/net/tun"), testenv.Program("ip"), testenv.Program("nft"))
	l := &lab{t: t, dir: t.TempDir(), id: labs.Add(1)}
	for _, ns := range []string{"client", "router", "server"} {
		l.namespace(ns)
	}
	const queues = " numrxqueues 2 numtxqueues 2 "
	l.sh("router", fmt.Sprintf("ip link add r1 %s type veth peer c1 %s netns %s; ip link add r2 %s type veth peer s1 %s netns %s",
		queues, queues, l.ns("client"), queues, queues, l.ns("server")))
	l.sh("client", "ip addr add 10.9.1.2/24 dev c1; ip addr add fd00:1::2/64 dev c1 nodad; ip link set c1 up; ip route add default via 10.9.1.1; ip route add default via fd00:1::1")
	l.sh("server", "ip addr add 10.9.2.2/24 dev s1; ip addr add fd00:2::2/64 dev s1 nodad; ip link set s1 up")
	l.sh("router", "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1;"+
		"ip addr add 10.9.1.1/24 dev r1; ip addr add fd00:1::1/64 dev r1 nodad; ip link set r1 up;"+
		"ip addr add 10.9.2.1/24 dev r2; ip addr add fd00:2::1/64 dev r2 nodad; ip link set r2 up")
	return l
}

// with is the same lab for a part of a test.
func (l *lab) with(t testing.TB) *lab { return &lab{t: t, dir: l.dir, id: l.id} }

// namespace makes a namespace that goes when the test ends.
func (l *lab) namespace(name string) {
	l.t.Helper()
	l.must("ip", "netns", "add", l.ns(name))
	l.t.Cleanup(func() { l.must("ip", "netns", "del", l.ns(name)) })
	l.sh(name, "ip link set lo up; sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0")
}

// behindServer makes the server a router, and puts its addresses onto a machine
// behind a link of 1300 bytes, whose name it gives.
//
//	server f1 10.9.3.1 -- f2 10.9.3.2 far, 10.9.2.2
func (l *lab) behindServer() string {
	l.t.Helper()
	l.namespace("far")
	l.must("ip", "link", "add", "f1", "mtu", "1300", "netns", l.ns("server"), "type", "veth", "peer", "name", "f2", "mtu", "1300", "netns", l.ns("far"))
	l.sh("server", "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1;"+
		"ip addr del 10.9.2.2/24 dev s1; ip addr del fd00:2::2/64 dev s1; ip addr add 10.9.2.3/24 dev s1; ip addr add fd00:2::3/64 dev s1 nodad;"+
		"ip addr add 10.9.3.1/24 dev f1; ip addr add fd00:3::1/64 dev f1 nodad; ip link set f1 up; ip route add 10.9.2.2 via 10.9.3.2; ip route add fd00:2::2 via fd00:3::2")
	l.sh("far", "ip addr add 10.9.2.2/32 dev lo; ip addr add fd00:2::2/128 dev lo nodad; ip addr add 10.9.3.2/24 dev f2; ip addr add fd00:3::2/64 dev f2 nodad; ip link set f2 up;"+
		"ip route add default via 10.9.3.1 src 10.9.2.2; ip route add default via fd00:3::1 src fd00:2::2")
	l.sh("router", "ip route add 10.9.2.2 via 10.9.2.3; ip route add fd00:2::2 via fd00:2::3")
	return "far"
}

func (l *lab) ns(name string) string { return fmt.Sprintf("nfvm-%d-%d-%s", os.Getpid(), l.id, name) }

func (l *lab) must(name string, args ...string) {
	l.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		l.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// sh runs a script in a namespace, which must succeed.
func (l *lab) sh(ns, script string) string {
	l.t.Helper()
	out, err := l.try(ns, script, time.Minute)
	if err != nil {
		l.t.Fatalf("%s: %s: %v\n%s", ns, script, err, out)
	}
	return out
}

// try runs a script in a namespace and gives what it prints.
func (l *lab) try(ns, script string, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ip", "netns", "exec", l.ns(ns), "bash", "-c", script)
	cmd.Dir = l.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// serve starts a program in a namespace that runs until the test ends.
func (l *lab) serve(ns string, args ...string) {
	l.t.Helper()
	l.start(ns, args...)
}

// A process is a program that runs in the background.
type process struct {
	cmd    *exec.Cmd
	stderr *syncBuffer
	done   chan struct{}
}

func (l *lab) start(ns string, args ...string) *process {
	l.t.Helper()
	p := &process{stderr: &syncBuffer{}, done: make(chan struct{})}
	p.cmd = exec.Command("ip", append([]string{"netns", "exec", l.ns(ns)}, args...)...)
	p.cmd.Dir, p.cmd.Stderr = l.dir, p.stderr
	if err := p.cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	l.t.Cleanup(func() { p.end(os.Kill) })
	return p
}

// end sends a signal and waits for the end.
func (p *process) end(sig os.Signal) {
	_ = p.cmd.Process.Signal(sig)
	<-p.done
}

// waitFor runs a script until it succeeds.
func (l *lab) waitFor(ns, script string) {
	l.t.Helper()
	for range 100 {
		if _, err := l.try(ns, script, 5*time.Second); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	l.t.Fatalf("%s: %s: never", ns, script)
}

// A syncBuffer is what a process says, to be read while it runs.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String is all that has been said.
func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// pinged reports whether the client gets an answer to a ping of addr. Where there
// should be one it is asked for several times: neighbours may have to be found
// again first.
func (l *lab) pinged(addr string, expected bool) bool {
	tries := 1
	if expected {
		tries = 5
	}
	for range tries {
		if _, err := l.try("client", "ping -qc 1 -W 1 "+addr, 10*time.Second); err == nil {
			return true
		}
	}
	return false
}
