//go:build linux

package live_test

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestNoise: frames of random bytes from both sides, by each driver, break
// nothing; those who speak properly are served meanwhile.
func TestNoise(t *testing.T) {
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.build("load")
			p := l.guard("--driver", driver, "--iface", "r1", "--iface", "r2", abs(t, "testdata/router.nft"))
			done := make(chan string)
			for _, side := range []struct{ ns, iface, router string }{{"client", "c1", "r1"}, {"server", "s1", "r2"}} {
				mac := l.sh("router", "cat /sys/class/net/"+side.router+"/address")
				go func() { done <- l.said(side.ns, "DST="+mac[:17]+" ./load noise "+side.iface+" 4", time.Minute) }()
			}
			l.waitFor("client", "ping -qc 1 -W 1 10.9.2.2")
			t.Logf("frames: %s, %s", <-done, <-done)
			if !l.pinged("10.9.2.2", true) {
				t.Error("no answer after the noise")
			}
			select {
			case <-p.done:
				t.Errorf("nfvm ended:\n%s", p.stderr)
			default:
			}
			p.end(os.Interrupt)
			if p.cmd.ProcessState.ExitCode() != 0 || strings.Contains(p.stderr.String(), "level=ERROR") {
				t.Errorf("nfvm said:\n%s", p.stderr)
			}
		})
	}
}
