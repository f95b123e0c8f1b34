//go:build linux

package live_test

import (
	"os"
	"testing"
	"time"
)

// TestNoise: frames of random bytes break nothing; those who speak properly are
// served meanwhile.
func TestNoise(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.build("load")
	p := l.guard("--iface", "r1", "--iface", "r2", abs(t, "testdata/router.nft"))
	mac := l.sh("router", "cat /sys/class/net/r1/address")
	done := make(chan string)
	go func() {
		out, err := l.try("client", "DST="+mac[:17]+" ./load noise c1 4", time.Minute)
		if err != nil {
			out = err.Error() + out
		}
		done <- out
	}()
	l.waitFor("client", "ping -qc 1 -W 1 10.9.2.2")
	out := <-done
	if _, err := l.try("client", "ping -qc 3 -i .2 -W 2 10.9.2.2", time.Minute); err != nil {
		t.Errorf("after %s frames of noise: no answer", out)
	}
	select {
	case <-p.done:
		t.Fatalf("nfvm ended:\n%s", p.stderr)
	default:
	}
	p.end(os.Interrupt)
	t.Logf("frames: %s", out)
}
