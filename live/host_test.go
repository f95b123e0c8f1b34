//go:build linux

package live_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nfvm/internal/testenv"
)

// The router as a host: what the client may reach of it.
var hostQuestions = []question{
	{"ping", "client", "ping -qc 2 -i .2 -W 1 10.9.1.1 | grep -o '.*received'"},
	{"ping6", "client", "ping -qc 2 -i .2 -W 1 fd00:1::1 | grep -o '.*received'"},
	{"ping large", "client", "ping -qc 2 -i .2 -W 1 -s 20000 10.9.1.1 | grep -o '.*received'"},
	{"ping6 large", "client", "ping -qc 2 -i .2 -W 1 -s 20000 fd00:1::1 | grep -o '.*received'"},
	{"http", "client", curl + "http://10.9.1.1/large"},
	{"http6", "client", curl + "http://[fd00:1::1]/large"},
	{"redirected", "client", curl + "http://10.9.1.1:8080/large"},
	{"refused", "client", curl + "http://10.9.1.1:81/"},
	{"refused 6", "client", curl + "http://[fd00:1::1]:81/"},
	{"refused by udp", "client", "dig +short +time=1 +tries=1 @10.9.1.1 x | tail -1"},
	{"out", "router", curl + "http://10.9.1.2/large"},
	{"out 6", "router", curl + "http://[fd00:1::2]/large"},
	{"out, as a user who may not", "router", "setpriv --reuid 65533 " + curl + "http://10.9.1.2/; setpriv --reuid 65533 " + curl + "'http://[fd00:1::2]/'"},
	{"iperf3", "client", "iperf3 -c 10.9.1.1 -t 1 -J | grep -c '\"error\"'; iperf3 -R -c 10.9.1.1 -t 1 -J | grep -c '\"error\"'"},
	{"ban", "client", "nc -w 1 10.9.1.1 6666; echo $?; " + curl + "-m 1 http://10.9.1.1/; " + curl + "http://[fd00:1::1]/"},
}

// TestHostGuard: a host's services are reachable, or not, exactly as with the
// same rules in the kernel.
func TestHostGuard(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"curl", "dig", "iperf3", "ping", "nc"} {
		testenv.Need(t, testenv.Program(p))
	}
	l := newLab(t)
	l.build("web")
	for _, ns := range []string{"client", "router"} {
		l.serve(ns, filepath.Join(l.dir, "web"), ":80")
		l.waitFor(ns, "exec 3<>/dev/tcp/127.0.0.1/80")
	}
	l.serve("router", "iperf3", "-s")
	rules := abs(t, "testdata/host.nft")
	l.sh("router", "nft -f "+rules)
	want := l.ask(hostQuestions)
	l.sh("router", "nft flush ruleset")
	l.byEveryDriver(t, hostQuestions, want, "--iface", "r1", rules)
}

// TestKilled: when nfvm is killed the interface is open or closed, as told, and a
// new process takes it over.
func TestKilled(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	rules := abs(t, "testdata/host.nft")
	if !l.pinged("10.9.1.1", true) {
		t.Fatal("no way to the router without nfvm")
	}
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) { l.kill(t, driver, rules) })
	}
}

func (l *lab) kill(t *testing.T, driver, rules string) {
	for _, c := range []struct {
		mode string
		open bool
	}{{"open", true}, {"closed", false}, {"closed", false}, {"open", true}} {
		p := l.guard("--driver", driver, "--on-exit", c.mode, "--iface", "r1", rules)
		if !l.pinged("10.9.1.1", true) {
			t.Errorf("%s: nfvm does not let pings in\n%s", c.mode, p.stderr)
		}
		p.end(syscall.SIGKILL)
		if l.pinged("10.9.1.1", c.open) != c.open {
			t.Errorf("killed with --on-exit %s: open %v", c.mode, !c.open)
		}
		if left := l.left(); left != "" {
			t.Errorf("killed with --on-exit %s it leaves %s", c.mode, left)
		}
	}
}

// left is what of nfvm is still on the router, but for the filters that keep an
// interface closed. (ip complains of namespaces that other tests just delete.)
func (l *lab) left() string {
	return strings.TrimSpace(l.sh("router", "ls /sys/class/net | grep nfvm; ip link show r1 2>/dev/null | grep xdp; true"))
}

// guard starts nfvm on the router and waits until it filters.
func (l *lab) guard(args ...string) *process {
	l.t.Helper()
	return l.guardBy(nil, args...)
}

// guardBy does it by a command that executes another. All tests that run at once
// share the memory that may be locked for AF_XDP; nfvm is started again until
// there is some.
func (l *lab) guardBy(prefix []string, args ...string) *process {
	l.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Second) {
		free := func() {}
		if slices.Contains(args, "xdp") {
			free = lockMemory(l.t)
		}
		p := l.start("router", append(append(slices.Clone(prefix), l.buildNfvm(), "--control", l.dir+"/control.sock"), args...)...)
		go func() {
			<-p.done
			free()
		}()
		if p.said("ready") {
			return p
		}
		if !strings.Contains(p.stderr.String(), "can't be locked") || time.Now().After(end) {
			l.t.Fatalf("nfvm is not ready:\n%s", p.stderr)
		}
	}
}

// lockMemory waits for other tests with AF_XDP sockets, also those of other
// processes: a user may lock little memory in all of them together.
func lockMemory(t testing.TB) (free func()) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(os.TempDir(), "nfvm-live-xdp.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for {
		switch err := unix.Flock(int(file.Fd()), unix.LOCK_EX); {
		case err == nil:
			return func() { file.Close() }
		case !errors.Is(err, unix.EINTR):
			t.Fatal(err)
		}
	}
}

// says waits for a process to say something.
func (p *process) says(t testing.TB, what string) {
	t.Helper()
	if !p.said(what) {
		t.Fatalf("nfvm does not say %q:\n%s", what, p.stderr)
	}
}

// said waits until a process has said something, or ended, and tells whether it
// has said it.
func (p *process) said(what string) bool {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		select {
		case <-p.done:
			return strings.Contains(p.stderr.String(), what)
		case <-time.After(20 * time.Millisecond):
		}
		if strings.Contains(p.stderr.String(), what) {
			return true
		}
	}
	return false
}

func abs(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// compare checks the answers that nfvm gave against those of the kernel.
func compare(t *testing.T, list []question, want, got []string) {
	t.Helper()
	for i, q := range list {
		if got[i] != want[i] {
			t.Errorf("%s (at the %s: %s)\nkernel: %s\nnfvm:   %s", q.name, q.ns, q.script, want[i], got[i])
		}
	}
}
