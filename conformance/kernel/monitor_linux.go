package kernel

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A monitor is a running program that says what it hears from the kernel.
type monitor struct {
	cmd  *exec.Cmd
	text bytes.Buffer
}

// Groups of netlink messages, as the bits of a socket's mask.
const (
	traceGroup      = 1 << (unix.NFNLGRP_NFTRACE - 1)
	conntrackGroups = 1<<(unix.NFNLGRP_CONNTRACK_NEW-1) | 1<<(unix.NFNLGRP_CONNTRACK_UPDATE-1) | 1<<(unix.NFNLGRP_CONNTRACK_DESTROY-1)
	expectGroups    = 1<<(unix.NFNLGRP_CONNTRACK_EXP_NEW-1) | 1<<(unix.NFNLGRP_CONNTRACK_EXP_UPDATE-1) | 1<<(unix.NFNLGRP_CONNTRACK_EXP_DESTROY-1)
)

// startMonitor starts a program and waits until it listens to the groups, by
// which time `nft monitor trace` has also read the rules.
func startMonitor(groups uint64, name string, args ...string) (*monitor, error) {
	m := &monitor{cmd: exec.Command(name, args...)}
	m.cmd.Stdout = &m.text
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	for range 500 {
		if listening(groups) {
			return m, nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	m.close()
	return nil, fmt.Errorf("%s does not listen", m.cmd)
}

// listening reports whether someone in the namespace has joined the groups.
func listening(groups uint64) bool {
	sockets, err := os.ReadFile("/proc/thread-self/net/netlink")
	if err != nil {
		return false
	}
	for _, l := range strings.Split(string(sockets), "\n") {
		w := strings.Fields(l)
		if len(w) < 4 || w[1] != fmt.Sprint(unix.NETLINK_NETFILTER) {
			continue
		}
		if mask, err := strconv.ParseUint(w[3], 16, 64); err == nil && mask == groups {
			return true
		}
	}
	return false
}

// said ends the monitor once it has nothing more to say and gives its output.
func (m *monitor) said() string {
	time.Sleep(50 * time.Millisecond)
	m.close()
	return m.text.String()
}

// close ends a monitor; there may be none.
func (m *monitor) close() {
	if m != nil && m.cmd.ProcessState == nil {
		_ = m.cmd.Process.Signal(unix.SIGTERM)
		_ = m.cmd.Wait()
	}
}
