//go:build linux

package live

import (
	"os"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// niceness of the process: the kernel's own packet path comes before all
	// programs, and one that waits behind them adds their time slices to each
	// packet's way.
	niceness = -10
	// slice is the time that a worker asks for at once. A shorter one is had
	// sooner (Linux 6.12).
	slice = 100 * time.Microsecond
)

// TakePrecedence has the process run before ordinary programs, where it may
// (CAP_SYS_NICE), also when it executes another program. One that was given a
// niceness of its own keeps it.
func TakePrecedence() {
	now, err := unix.SchedGetAttr(0, 0)
	if err != nil || now.Policy != unix.SCHED_NORMAL || now.Nice != 0 {
		return
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return
	}
	for _, t := range threads {
		if tid, err := strconv.Atoi(t.Name()); err == nil {
			_ = unix.Setpriority(unix.PRIO_PROCESS, tid, niceness)
		}
	}
}

// shortenSlice is for a worker's thread.
func shortenSlice() {
	if now, err := unix.SchedGetAttr(0, 0); err == nil && now.Policy == unix.SCHED_NORMAL {
		now.Runtime = uint64(slice)
		_ = unix.SchedSetAttr(0, now, 0)
	}
}

// spareProcessors gives the Go runtime more processors than there are workers.
// While one is idle the runtime leaves a worker that waits in a system call its
// own; if there is none it takes it away after 20 µs, and the worker, with a packet
// in hand, has to queue for another.
func spareProcessors(workers int) {
	if n := workers + 2; runtime.GOMAXPROCS(0) < n { // one for the rest of the process
		runtime.GOMAXPROCS(n)
	}
}
