package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/pprof"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"

	"nfvm/bytecode"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/host/rtnetlink"
	"nfvm/live"
	"nfvm/netfilter"
	"nfvm/replay"
)

// A guardian is one run of `nfvm --iface`: the rules on the host's own
// interfaces.
type guardian struct {
	options  *options
	std      streams
	log      *slog.Logger
	firewall *live.Firewall
	kernel   *rtnetlink.Conn
	machine  host.Config // as it was at the start
	report   reporter
}

func guardHost(o *options, std streams) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	g := &guardian{options: o, std: std, log: slog.New(slog.NewTextHandler(std.err, nil))}
	if err := g.start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()
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
	return g.run(ctx)
}

// start has the rules in force before the first packet is taken.
func (g *guardian) start() (err error) {
	if g.kernel, err = rtnetlink.Open(); err != nil {
		return err
	}
	if g.machine, err = g.kernel.Read(); err != nil {
		return err
	}
	h, err := liveHost(g.machine)
	if err != nil {
		return err
	}
	for _, r := range g.machine.Remarks {
		g.log.Warn(r)
	}
	program, err := loadRules(g.options, h, g.std)
	if err != nil {
		return err
	}
	g.firewall, err = live.New(live.Config{
		Interfaces: g.options.ifaces, FailClosed: g.options.onExit == "closed", Observe: g.options.observe,
		Host: h, Log: g.log, Resolver: g.kernel, Outcome: g.report.packet,
		Options: netfilter.Options{Seed: uint64(time.Now().UnixNano())},
	})
	if err != nil {
		return err
	}
	if err := g.load(program); err != nil {
		return errors.Join(err, g.firewall.Close())
	}
	g.recall()
	return g.firewall.Start()
}

// name lets reports speak of the rules in force.
func (g *guardian) name(p *bytecode.Program, h *host.Host) {
	g.report.log = g.log
	g.report.namer = &replay.Namer{Files: p.Files, Rule: ruleText(listingOptions(h))}
}

func (g *guardian) load(p *bytecode.Program) (err error) {
	g.firewall.Do(func(e *netfilter.Engine) {
		if err = e.Load(p); err == nil {
			g.name(p, e.Host())
		}
	})
	return err
}

// run serves until ctx ends.
func (g *guardian) run(ctx context.Context) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var following sync.WaitGroup
	defer following.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	following.Go(func() { g.follow(ctx) })
	following.Go(func() { g.remember(ctx) })
	g.log.Info("ready", "ifaces", g.options.ifaces, "rules", g.options.rules)
	notify(daemon.SdNotifyReady)
	for {
		select {
		case now := <-tick.C:
			g.firewall.Tick(now)
		case <-hangup:
			g.reload()
		case <-ctx.Done():
			return nil
		}
	}
}

// follow keeps the engine's host as the kernel's is.
func (g *guardian) follow(ctx context.Context) {
	err := g.kernel.Follow(ctx, g.machine, rtnetlink.Handler{
		Config: func(c host.Config) {
			h, err := liveHost(c)
			if err != nil {
				g.log.Error("the host has changed and can't be described", "err", err)
				return
			}
			g.firewall.SetHost(h)
		},
		Neighbour: g.firewall.Neighbour,
	})
	if err != nil && ctx.Err() == nil {
		g.log.Error("changes of the host are not followed any more", "err", err)
	}
}

// reload puts the rules file in force as it is now. If it can't be, the rules in
// force stay.
func (g *guardian) reload() {
	notify(daemon.SdNotifyReloading)
	defer notify(daemon.SdNotifyReady)
	var h *host.Host
	g.firewall.Do(func(e *netfilter.Engine) { h = e.Host() })
	program, err := loadRules(g.options, h, g.std)
	if err == nil {
		err = g.load(program)
	}
	var mistakes *diag.List
	switch {
	case errors.As(err, &mistakes):
		fmt.Fprint(g.std.err, mistakes.String())
		g.log.Error("not reloaded, the old rules stay", "rules", g.options.rules)
	case err != nil:
		g.log.Error("not reloaded, the old rules stay", "rules", g.options.rules, "err", err)
	default:
		g.log.Info("reloaded", "rules", g.options.rules)
	}
}

func (g *guardian) stop() error {
	notify(daemon.SdNotifyStopping)
	err := g.firewall.Close()
	g.save()
	g.kernel.Close()
	s := g.firewall.Stats()
	g.log.Info("stopped", "sent", s.Sent, "delivered", s.Delivered, "dropped", s.Dropped, "lost", s.Lost)
	return err
}

// notify tells the service manager, if there is one (sd_notify(3)).
func notify(state string) {
	if state == daemon.SdNotifyReloading {
		var ts unix.Timespec
		if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) == nil {
			state += fmt.Sprintf("\nMONOTONIC_USEC=%d", ts.Nano()/1000)
		}
	}
	_, _ = daemon.SdNotify(false, state) // nobody may be listening
}

// liveHost is the host that the kernel describes: it knows its neighbours and
// its multicast groups by itself.
func liveHost(c host.Config) (*host.Host, error) {
	c.NoLearning, c.AllGroups = true, true
	return host.New(c)
}
