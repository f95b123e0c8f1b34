//go:build linux

package live_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestPrecedence: all threads run before ordinary programs, unless nfvm was given a
// niceness.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	rules := abs(t, "testdata/host.nft")
	own := 20 // the test's; getpriority(2) gives 20 less it
	if n, err := unix.Getpriority(unix.PRIO_PROCESS, 0); err == nil {
		own -= n
	}
	for _, c := range []struct {
		prefix []string
		want   int
	}{{[]string{"nice", "-n", strconv.Itoa(-own)}, -10}, {[]string{"nice", "-n", strconv.Itoa(5 - own)}, 5}} {
		p := l.guardBy(c.prefix, "--iface", "r1", rules)
		out := l.sh("router", fmt.Sprintf("cat /proc/%d/task/*/stat | sed 's/.*)//' | cut -d' ' -f18 | sort -u", p.cmd.Process.Pid))
		if strings.TrimSpace(out) != strconv.Itoa(c.want) {
			t.Errorf("%v: niceness %q, not %d", c.prefix, out, c.want)
		}
		p.end(os.Interrupt)
	}
}
