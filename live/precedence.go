//go:build linux

package live

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	// niceness of workers: the kernel's own packet path comes before all programs,
	// and one that waits behind them adds their time slices to each packet's.
	niceness = -10
	// slice is the time that a worker asks for at once. A shorter one is had
	// sooner (Linux 6.12).
	slice = 100 * time.Microsecond
)

// AllowPrecedence raises the limit on niceness so far that workers may take
// precedence, while the process still may (CAP_SYS_RESOURCE).
func AllowPrecedence() {
	most := uint64(20 - niceness) // getrlimit(2)
	_ = unix.Setrlimit(unix.RLIMIT_NICE, &unix.Rlimit{Cur: most, Max: most})
}

// takePrecedence has the thread run before those of ordinary programs, where it
// may. A process that was given a niceness or a policy of its own keeps it.
func takePrecedence() {
	now, err := unix.SchedGetAttr(0, 0)
	if err != nil || now.Policy != unix.SCHED_NORMAL || now.Nice != 0 {
		return
	}
	now.Nice, now.Runtime = niceness, uint64(slice)
	_ = unix.SchedSetAttr(0, now, 0)
}
