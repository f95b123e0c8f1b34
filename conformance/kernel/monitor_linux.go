package kernel

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nfvm/conformance"
)

// A monitor is a running `nft monitor trace`.
type monitor struct {
	cmd  *exec.Cmd
	text bytes.Buffer
}

// startMonitor starts it and waits until it listens, by which time it has also
// read the rules.
func startMonitor() (*monitor, error) {
	m := &monitor{cmd: exec.Command("nft", "monitor", "trace")}
	m.cmd.Stdout = &m.text
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	for range 500 {
		if listening() {
			return m, nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	m.close()
	return nil, fmt.Errorf("nft monitor trace does not listen")
}

// listening reports whether someone in the namespace has joined the group of
// trace events.
func listening() bool {
	sockets, err := os.ReadFile("/proc/thread-self/net/netlink")
	if err != nil {
		return false
	}
	group := fmt.Sprintf("%08x", 1<<(unix.NFNLGRP_NFTRACE-1))
	for _, l := range strings.Split(string(sockets), "\n") {
		if w := strings.Fields(l); len(w) > 3 && w[1] == fmt.Sprint(unix.NETLINK_NETFILTER) && w[3] == group {
			return true
		}
	}
	return false
}

// lines ends the monitor once it has nothing more to say and gives what it has
// said, without the trace of the runner's own table.
func (m *monitor) lines() []string {
	time.Sleep(50 * time.Millisecond)
	m.close()
	return conformance.TraceLines(m.text.String(), "inet conformance ")
}

func (m *monitor) close() {
	if m.cmd.ProcessState == nil {
		_ = m.cmd.Process.Signal(unix.SIGTERM)
		_ = m.cmd.Wait()
	}
}
