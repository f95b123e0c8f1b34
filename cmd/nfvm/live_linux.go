package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"nfvm/bytecode"
	"nfvm/compiler/amend"
	"nfvm/daemon"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/internal/confine"
	"nfvm/live"
	"nfvm/netio/guard"
	"nfvm/nflog"
	"nfvm/vm"
)

// rights are what live interfaces need: TAP devices and links, sockets for
// frames, programs.
const rights = confine.NetAdmin | confine.NetRaw | confine.BPF

// guardHost runs `nfvm --iface`: the rules on the host's own interfaces.
func guardHost(o *options, std streams) error {
	driver, err := guard.ParseDriver(o.driver)
	if err != nil {
		return fmt.Errorf("--driver: %w", err)
	}
	guard.AllowMemory()
	live.TakePrecedence()
	kept, err := confine.Process(rights, o.rules)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if o.cpuProfile != "" {
		file, err := os.Create(o.cpuProfile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	log := newLog(o, std.err)
	if kept&confine.ReadSearch != 0 {
		log.Warn("CAP_DAC_READ_SEARCH is kept, as the rules can't be read without it", "rules", o.rules)
	}
	packets, err := openLogs(o, log)
	if err != nil {
		return err
	}
	version, revision := buildInfo()
	systems, err := loadFingerprints(o.systems)
	if err != nil {
		return err
	}
	return daemon.Run(ctx, daemon.Config{
		Systems:    systems,
		Interfaces: o.ifaces, FailClosed: o.onExit == "closed", Observe: o.observe, Driver: driver, Queues: o.queues,
		FastFlows: o.fastFlows != "off", Socket: listenOn(o.control, log),
		Log: log, LogRate: o.logRate, PacketLog: packets, Name: o.rules,
		Metrics: o.metrics, RuleMetrics: o.allRules, Version: version, Revision: revision,
		LoadConntrack: o.loadFrom, SaveConntrack: o.saveTo, SaveEvery: o.saveEvery,
		Load: func(h *host.Host) (*bytecode.Program, error) { return loadRules(o, h, std) },
		Compile: func(src daemon.Source, h *host.Host) (*bytecode.Program, error) {
			return compileSource(src, h, std)
		},
		Prepare:  func(h *host.Host) error { return setSysctls(h, o.sysctls) },
		Mistakes: func(l *diag.List) { showMistakes(o, l, log, std.err) },
		Change:   changeElements,
		Listing:  listingOptions,
	})
}

// newLog makes the log of what nfvm does.
func newLog(o *options, w io.Writer) *slog.Logger {
	opt := &slog.HandlerOptions{Level: o.logLevel}
	if o.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}

// showMistakes prints mistakes in rules with the lines that they are in, or logs
// each where every line has to be an object.
func showMistakes(o *options, l *diag.List, log *slog.Logger, w io.Writer) {
	if o.logFormat != "json" {
		fmt.Fprint(w, l.String())
		return
	}
	where, err := l.MarshalJSON()
	if err != nil {
		where = []byte(strconv.Quote(l.String()))
	}
	log.Error("mistakes in rules", "diagnostics", json.RawMessage(where))
}

// openLogs opens the places where logged packets go: standard error, if --log-to
// does not say.
func openLogs(o *options, log *slog.Logger) (*nflog.Logger, error) {
	signal.Ignore(syscall.SIGPIPE) // a write says so as well
	packets := &nflog.Logger{}
	targets := o.logTo
	if len(targets) == 0 {
		targets = []nflog.Target{{Kind: "stderr"}}
	}
	for _, t := range targets {
		s, err := t.Open(o.logFormat == "json")
		if err != nil {
			return nil, err
		}
		if s != nil {
			packets.Add(t.String(), s, func(err error) { log.Error("logged packets are lost", "to", t.String(), "err", err) })
		}
	}
	return packets, nil
}

// listenOn gives the path of the control socket, "" for none. The directory of
// the usual one is made; a user who can't do without it.
func listenOn(path string, log *slog.Logger) string {
	if path == "none" {
		return ""
	}
	if path != defaultControl {
		return path
	}
	dir := filepath.Dir(path)
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		err = unix.Access(dir, unix.W_OK)
	}
	if err != nil {
		log.Warn("there is no control socket; --control names a place for it", "dir", dir, "err", err)
		return ""
	}
	return path
}

// compileSource makes a program of what a client sends.
func compileSource(src daemon.Source, h *host.Host, std streams) (*bytecode.Program, error) {
	o := &options{rules: src.Name, dir: src.Dir, include: src.Include}
	for _, d := range src.Defines {
		if err := assign(&o.defines, d); err != nil {
			return nil, err
		}
	}
	return program(o, src.Data, h, std)
}

// changeElements reads commands that change elements.
func changeElements(p *bytecode.Program, commands string, h *host.Host) ([]*vm.Change, error) {
	changes, err := amend.Elements(p, commands, amend.Options{Listing: listingOptions(h), Compiler: compilerOptions(h)})
	if err != nil {
		return nil, err
	}
	var out []*vm.Change
	for _, c := range changes {
		out = append(out, &vm.Change{Family: c.Family, Table: c.Table, Set: c.Set.Name, Decl: c.Set, Added: c.Added, Removed: c.Removed})
	}
	return out, nil
}

// releaseInterface reopens an interface that a process has left closed.
func releaseInterface(name string, std streams) error {
	if guard.Guarded(name) {
		return fmt.Errorf("release %s: a running nfvm guards it", name)
	}
	released, err := guard.Release(name)
	switch {
	case errors.Is(err, os.ErrPermission) || err != nil && strings.Contains(err.Error(), "operation not permitted"):
		return errors.New("release " + name + ": needs root (CAP_NET_ADMIN)")
	case err == nil && !released:
		fmt.Fprintf(std.err, "nfvm: %s was not closed\n", name)
	}
	return err
}
