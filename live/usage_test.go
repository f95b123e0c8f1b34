//go:build linux

package live_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"nfvm/daemon"
)

// A usage is what nfvm takes of the machine.
type usage struct {
	files, threads, goroutines int
	memory                     int // bytes, resident
	connections                int
}

func (u usage) String() string {
	return fmt.Sprintf("%d files, %d threads, %d goroutines, %d MiB, %d connections", u.files, u.threads, u.goroutines, u.memory>>20, u.connections)
}

func (c *controlled) usage() (u usage) {
	c.t.Helper()
	var s daemon.Stats
	out := c.says("stats -j")
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		c.t.Fatalf("%v\n%s", err, out)
	}
	u.goroutines, u.connections = s.Goroutines, s.Connections
	proc := fmt.Sprintf("/proc/%d/", s.PID)
	files, err := os.ReadDir(proc + "fd")
	if err != nil {
		c.t.Fatal(err)
	}
	u.files = len(files)
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		c.t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		switch f := strings.Fields(line); {
		case len(f) > 1 && f[0] == "Threads:":
			u.threads, _ = strconv.Atoi(f[1])
		case len(f) > 1 && f[0] == "VmRSS:":
			kb, _ := strconv.Atoi(f[1])
			u.memory = kb << 10
		}
	}
	return u
}

// grown reports what now is more than before by more than chance: threads come
// when others are in system calls, and memory is given back late.
func grown(t *testing.T, before, now usage) {
	t.Helper()
	if now.files > before.files+2 || now.threads > before.threads+8 || now.goroutines > before.goroutines+4 ||
		now.memory > before.memory*5/4+(24<<20) {
		t.Errorf("before: %v\nnow:    %v", before, now)
	}
}
