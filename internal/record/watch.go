package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// watchTable is the recorder's own table, and its groups are what it logs to.
const (
	watchTable  = "nfvm_record"
	groupOutput = 101
	groupInput  = 102
)

// watchRules stand before defragmentation (-400) in output and right before the
// confirmation of connections (2147483647) in input.
var watchRules = fmt.Sprintf(`table inet %s {
	chain output { type filter hook output priority -500; log group %d; }
	chain input { type filter hook input priority 2147483646; log group %d; }
}
`, watchTable, groupOutput, groupInput)

// A watcher holds the packet socket, the log reader and conntrack -E.
type watcher struct {
	quit   chan struct{}
	names  map[int]string
	tap    *tap
	logs   chan logs
	events *exec.Cmd
	text   strings.Builder
}

type logs struct {
	packets []logged
	err     error
}

// watch starts to observe; it returns when both sockets are open.
func (l *lab) watch() (*watcher, error) {
	w := &watcher{quit: make(chan struct{}), logs: make(chan logs, 1)}
	var nflog int
	err := inNamespace(l.fw(), func() (err error) {
		if w.names, err = linkNames(); err != nil {
			return err
		}
		if w.tap, err = openTap(); err != nil {
			return fmt.Errorf("packet socket: %w", err)
		}
		nflog, err = openLog(groupOutput, groupInput)
		return err
	})
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("ip", "netns", "exec", l.fw(), "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(watchRules)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("nft: %w: %s", err, out)
	}
	w.events = exec.Command("ip", "netns", "exec", l.fw(), "conntrack", "-E", "-o", "timestamp,extended")
	w.events.Stdout = &w.text
	if err := w.events.Start(); err != nil {
		return nil, err
	}
	go func() {
		p, err := readLog(nflog, w.names, w.quit)
		w.logs <- logs{p, err}
	}()
	time.Sleep(200 * time.Millisecond) // for conntrack to subscribe
	return w, nil
}

// stop ends the observation and fills in rec.
func (w *watcher) stop(rec *recording) error {
	time.Sleep(200 * time.Millisecond) // for the log reader to drain its socket
	close(w.quit)
	_ = w.events.Process.Signal(os.Interrupt)
	_ = w.events.Wait() // interrupted: never a success
	rec.texts["kernel-events.txt"] = []byte(w.text.String())
	lg := <-w.logs
	var err error
	rec.frames, err = w.tap.read(w.names)
	for _, p := range lg.packets {
		if p.group == groupOutput {
			rec.output = append(rec.output, p)
		} else {
			rec.delivered = append(rec.delivered, p)
		}
	}
	return errors.Join(err, lg.err)
}

// inNamespace runs f on a thread inside the named network namespace. The thread
// ends with the goroutine, so no other code ever runs there.
func inNamespace(name string, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		ns, err := os.Open("/var/run/netns/" + name)
		if err != nil {
			done <- err
			return
		}
		defer ns.Close()
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}

func linkNames() (map[int]string, error) {
	links, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	names := map[int]string{}
	for _, l := range links {
		names[l.Index] = l.Name
	}
	return names, nil
}
