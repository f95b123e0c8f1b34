package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A lab is the set of namespaces of one example. setup.sh and traffic.sh get the
// common prefix of their names as $NS; the firewall under study is ${NS}fw.
type lab struct {
	dir    string
	prefix string
	tmp    string // scratch directory of the scripts, $TMP
	groups []int  // process groups of the scripts
}

// A recording is all that was observed, before it is sorted out.
type recording struct {
	frames    []frame  // in the order the kernel handled them
	output    []logged // packets at the start of the output hook
	delivered []logged // packets at the end of the input hook
	links     map[string]linkCount
	host      map[string]json.RawMessage
	bridges   bridges
	own       map[netip.Addr]bool // the host's addresses
	texts     map[string][]byte   // file name to content, as the kernel's tools printed it
	listed    time.Time           // when the connections were listed
}

func newLab(dir string) *lab {
	return &lab{dir: dir, prefix: fmt.Sprintf("nfvm%d-", os.Getpid())}
}

func (l *lab) fw() string { return l.prefix + "fw" }

// run builds the namespaces, plays the traffic and collects what was seen.
func (l *lab) run() (*recording, error) {
	var err error
	if l.tmp, err = os.MkdirTemp("", "nfvm-record-"); err != nil {
		return nil, err
	}
	if err := l.script("setup.sh"); err != nil {
		return nil, err
	}
	time.Sleep(7 * time.Second) // duplicate address detection, listener reports, ARP that asks again: not part of the story, nor to be counted
	if err := l.load(); err != nil {
		return nil, err
	}
	rec := &recording{texts: map[string][]byte{}}
	if rec.host, err = l.snapshot(); err != nil {
		return nil, err
	}
	if rec.bridges, err = readBridges(rec.host["addr"]); err != nil {
		return nil, err
	}
	if rec.own, err = readOwn(rec.host["addr"]); err != nil {
		return nil, err
	}
	w, err := l.watch()
	if err != nil {
		return nil, err
	}
	before, err := l.linkCounts()
	if err != nil {
		return nil, err
	}
	if err := l.script("traffic.sh"); err != nil {
		return nil, err
	}
	if rec.links, err = l.linkCounts(); err != nil {
		return nil, err
	}
	for name, c := range before {
		rec.links[name] = rec.links[name].minus(c)
	}
	if err := l.listings(rec); err != nil {
		return nil, err
	}
	return rec, w.stop(rec)
}

// isIptables reports whether the example's rules are iptables-save's.
func (l *lab) isIptables() bool {
	_, err := os.Stat(filepath.Join(l.dir, "rules.v4"))
	return err == nil
}

// load gives the firewall its rules.
func (l *lab) load() error {
	args := []string{"nft", "-f", filepath.Join(l.dir, "rules.nft")}
	if l.isIptables() {
		args = []string{"iptables-nft-restore", filepath.Join(l.dir, "rules.v4")}
	}
	_, err := l.inFW(args...)
	return err
}

// listings asks the kernel for its state at the end.
func (l *lab) listings(rec *recording) error {
	rec.listed = time.Now()
	var errs []error
	keep := func(name string, args ...string) {
		b, err := l.inFW(args...)
		rec.texts[name] = b
		errs = append(errs, err)
	}
	keep("kernel-conntrack.txt", "conntrack", "-L", "-o", "extended")
	if _, err := l.inFW("nft", "delete", "table", "inet", watchTable); err != nil {
		return err
	}
	if l.isIptables() {
		keep("kernel-rules.v4", "iptables-nft-save", "-c")
	} else {
		keep("kernel-ruleset.nft", "nft", "list", "ruleset")
		keep("kernel-ruleset.json", "nft", "-j", "list", "ruleset")
	}
	neigh, err := l.inFW("ip", "-j", "neigh", "show")
	rec.host["neigh"] = neigh
	return errors.Join(append(errs, err)...)
}

// inFW runs a command in the firewall's namespace and returns its output.
func (l *lab) inFW(args ...string) ([]byte, error) {
	cmd := exec.Command("ip", append([]string{"netns", "exec", l.fw()}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return out, nil
}

// script runs one of the example's scripts in a process group of its own; the
// servers that it left running end with close.
func (l *lab) script(name string) error {
	cmd := exec.Command("bash", "-eu", filepath.Join(l.dir, name))
	cmd.Env = append(os.Environ(), "NS="+l.prefix, "TMP="+l.tmp)
	log, err := os.Create(filepath.Join(l.tmp, name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = cmd.Run()
	if cmd.Process != nil {
		l.groups = append(l.groups, cmd.Process.Pid)
	}
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w\n%s", name, err, text)
	}
	return nil
}

// close ends the servers and removes the namespaces, and with them their links.
func (l *lab) close() {
	for _, g := range l.groups {
		_ = unix.Kill(-g, unix.SIGTERM) // the group may be empty by now
	}
	names, _ := filepath.Glob("/var/run/netns/" + l.prefix + "*")
	for _, n := range names {
		_ = exec.Command("ip", "netns", "delete", filepath.Base(n)).Run()
	}
	_ = os.RemoveAll(l.tmp)
}
