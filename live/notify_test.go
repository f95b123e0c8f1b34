//go:build linux

package live_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNotify: a service manager is told when nfvm is ready, reloads and ends, also
// when a reload fails (sd_notify(3)).
func TestNotify(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(l.dir, "notify")})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	expect := func(want string) {
		t.Helper()
		b := make([]byte, 4096)
		if err := manager.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := manager.Read(b)
		if err != nil || !strings.HasPrefix(string(b[:n]), want) {
			t.Errorf("%q, %v; want %s", b[:n], err, want)
		}
	}
	c := &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}
	c.write(controlRules)
	p := l.start("router", "env", "NOTIFY_SOCKET="+l.dir+"/notify", l.buildNfvm(), "--control", "none", "--iface", "r1", c.rules)
	expect("READY=1")
	for _, rules := range []string{controlRules, "table {\n"} {
		c.write(rules)
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		expect("RELOADING=1\nMONOTONIC_USEC=")
		expect("READY=1")
	}
	p.says(t, "the old rules stay")
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	expect("STOPPING=1")
	if <-p.done; p.cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("%v\n%s", p.cmd.ProcessState, p.stderr)
	}
}
