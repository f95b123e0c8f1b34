package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"nfvm/bytecode"
	"nfvm/compiler/amend"
	"nfvm/daemon"
	"nfvm/host"
	"nfvm/internal/confine"
	"nfvm/netio/guard"
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
	log := slog.New(slog.NewTextHandler(std.err, nil))
	if kept&confine.ReadSearch != 0 {
		log.Warn("CAP_DAC_READ_SEARCH is kept, as the rules can't be read without it", "rules", o.rules)
	}
	version, revision := buildInfo()
	return daemon.Run(ctx, daemon.Config{
		Interfaces: o.ifaces, FailClosed: o.onExit == "closed", Observe: o.observe, Driver: driver, Queues: o.queues, Socket: listenOn(o.control, log),
		Log: log, Name: o.rules,
		Metrics: o.metrics, RuleMetrics: o.allRules, Version: version, Revision: revision,
		LoadConntrack: o.loadFrom, SaveConntrack: o.saveTo, SaveEvery: o.saveEvery,
		Load: func(h *host.Host) (*bytecode.Program, error) { return loadRules(o, h, std) },
		Compile: func(src daemon.Source, h *host.Host) (*bytecode.Program, error) {
			return compileSource(src, h, std)
		},
		Prepare: func(h *host.Host) error { return setSysctls(h, o.sysctls) },
		Change:  changeElements,
		Listing: listingOptions,
	})
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
func releaseInterface(name string) error {
	err := guard.Release(name)
	if errors.Is(err, os.ErrPermission) || err != nil && strings.Contains(err.Error(), "operation not permitted") {
		return errors.New("release " + name + ": needs root (CAP_NET_ADMIN)")
	}
	return err
}
