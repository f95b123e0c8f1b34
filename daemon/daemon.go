//go:build linux

package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"

	"nfvm/bytecode"
	"nfvm/control"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/host/rtnetlink"
	"nfvm/listing"
	"nfvm/live"
	"nfvm/metrics"
	"nfvm/netfilter"
	"nfvm/netio/guard"
	"nfvm/nflog"
	"nfvm/osf"
	"nfvm/vm"
)

// A Config says what a Daemon protects and by which rules.
type Config struct {
	Interfaces []string
	// FailClosed and Observe are those of live.Config.
	FailClosed, Observe bool
	// Driver and Queues are those of live.Config.
	Driver guard.Driver
	Queues int
	// FastFlows has packets of established flows forwarded inside the kernel where
	// nobody can tell.
	FastFlows bool
	// Systems are fingerprints of operating systems, for osf expressions.
	Systems *osf.Database
	// Socket is the path of the control socket, "" for none.
	Socket string
	Log    *slog.Logger
	// LogRate is how many dropped packets are logged a second at most, below 0 for
	// all.
	LogRate int
	// PacketLog takes the packets that rules log.
	PacketLog *nflog.Logger
	// Metrics is where Prometheus may ask, nil for nowhere; with RuleMetrics it
	// gets a figure for every rule that counts. Version and Revision are told.
	Metrics           *metrics.Address
	RuleMetrics       bool
	Version, Revision string

	// LoadConntrack and SaveConntrack are files from which connections are
	// restored at the start, and into which they are saved at the end and every
	// SaveEvery; "" for none.
	LoadConntrack, SaveConntrack string
	SaveEvery                    time.Duration

	// Name is what the rules are called, and Load reads them.
	Name string
	Load func(*host.Host) (*bytecode.Program, error)
	// Prepare, if it is set, changes the description of the host before it is used.
	Prepare func(*host.Host) error
	// Mistakes shows those of rules that a reload could not read.
	Mistakes func(*diag.List)
	// Compile makes a program of rules that a client sends.
	Compile func(Source, *host.Host) (*bytecode.Program, error)
	// Change reads commands that change elements of the sets of a program.
	Change func(p *bytecode.Program, command string, h *host.Host) ([]*vm.Change, error)
	// Listing lets listings name what the host knows.
	Listing func(*host.Host) listing.Options
}

// A Source is rules as a client sends them: a text in any of the languages that
// nfvm reads, or a rules.bin.
type Source struct {
	Name string // for diagnostics
	Data []byte
	Dir  string // where relative includes start
	// Include are directories that are searched for includes.
	Include []string
	// Defines are NAME=VALUE.
	Defines []string
}

// A Daemon is one run of `nfvm --iface`.
type Daemon struct {
	Config
	firewall *live.Firewall
	kernel   *rtnetlink.Conn
	machine  host.Config // as it was at the start
	report   reporter
	server   *control.Server
	started  time.Time

	rules  rules
	loads  loads
	events events
}

// Run filters until ctx ends.
func Run(ctx context.Context, c Config) (err error) {
	d := &Daemon{Config: c, started: time.Now(), report: reporter{log: c.Log, rate: c.LogRate, observe: c.Observe}}
	if other, err := control.Dial(c.Socket); err == nil && c.Socket != "" {
		return errors.Join(fmt.Errorf("control socket %s: another process is serving it; --control names another", c.Socket), other.Close())
	}
	hangup := make(chan os.Signal, 1) // before the rules are there it must not kill
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	if err := d.start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	if d.Socket != "" {
		server := &control.Server{Methods: d.methods()}
		if err := server.Listen(d.Socket); err != nil {
			return err
		}
		d.server = server
	}
	if d.Metrics != nil {
		l, err := d.serveMetrics()
		if err != nil {
			return err
		}
		defer l.Close()
	}
	d.run(ctx, hangup)
	return nil
}

// start has the rules in force before the first packet is taken.
func (d *Daemon) start() (err error) {
	if d.kernel, err = rtnetlink.Open(); err != nil {
		return err
	}
	if d.machine, err = d.kernel.Read(); err != nil {
		return err
	}
	h, err := d.liveHost(d.machine)
	if err != nil {
		return err
	}
	for _, r := range d.machine.Remarks {
		d.Log.Warn(r)
	}
	program, err := d.Load(h)
	if err != nil {
		return err
	}
	d.firewall, err = live.New(live.Config{
		Interfaces: d.Interfaces, FailClosed: d.FailClosed, Observe: d.Observe,
		Driver: d.Driver, Queues: d.Queues,
		Host: h, Log: d.Log, Resolver: d.kernel, Outcome: d.report.packet, OnlyDrops: !d.Observe,
		Options: netfilter.Options{
			Seed: uint64(time.Now().UnixNano()), FastFlows: d.FastFlows, Log: d.logPacket(), Systems: d.Systems,
		},
	})
	if err != nil {
		return err
	}
	if err := d.use(program); err != nil {
		return errors.Join(err, d.firewall.Close())
	}
	d.loads.at = time.Now()
	d.recall()
	return d.firewall.Start()
}

// run serves until ctx ends, and reads the rules again at each hangup.
func (d *Daemon) run(ctx context.Context, hangup <-chan os.Signal) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var following sync.WaitGroup
	defer following.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	following.Go(func() { d.follow(ctx) })
	following.Go(func() { d.remember(ctx) })
	following.Go(func() {
		for {
			select {
			case <-hangup:
				_ = d.reload() // which logs
			case <-ctx.Done():
				return
			}
		}
	})
	d.Log.Info("ready", "ifaces", d.Interfaces, "rules", d.Name)
	notify(sd.SdNotifyReady)
	for {
		select {
		case now := <-tick.C:
			d.firewall.Tick(now)
		case <-ctx.Done():
			return
		}
	}
}

// follow keeps the engine's host as the kernel's is.
func (d *Daemon) follow(ctx context.Context) {
	err := d.kernel.Follow(ctx, d.machine, rtnetlink.Handler{
		Config: func(c host.Config) {
			h, err := d.liveHost(c)
			if h == nil {
				d.Log.Error("the host has changed and can't be described", "err", err)
				return
			}
			if err != nil { // of an interface that has gone
				d.Log.Warn("the host has changed", "err", err)
			}
			d.firewall.SetHost(h)
		},
		Neighbour: d.firewall.Neighbour,
		Gone:      d.firewall.LinkGone,
	})
	if err != nil && ctx.Err() == nil {
		d.Log.Error("changes of the host are not followed any more", "err", err)
	}
}

// host is the host as the engine knows it now.
func (d *Daemon) host() (h *host.Host) {
	d.firewall.Do(func(e *netfilter.Engine) { h = e.Host() })
	return h
}

func (d *Daemon) stop() error {
	notify(sd.SdNotifyStopping)
	var err error
	if d.server != nil {
		err = d.server.Close()
	}
	d.rules.stop()
	err = errors.Join(err, d.firewall.Close())
	d.save()
	d.kernel.Close()
	d.report.summary()
	err = errors.Join(err, d.PacketLog.Close())
	s := d.firewall.Stats()
	d.Log.Info("stopped", "sent", s.Sent, "delivered", s.Delivered, "dropped", s.Dropped, "lost", s.Lost)
	return err
}

// notify tells the service manager, if there is one (sd_notify(3)).
func notify(state string) {
	if state == sd.SdNotifyReloading {
		var ts unix.Timespec
		if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) == nil {
			state += fmt.Sprintf("\nMONOTONIC_USEC=%d", ts.Nano()/1000)
		}
	}
	_, _ = sd.SdNotify(false, state) // nobody may be listening
}

// liveHost is the host that the kernel describes: it knows its neighbours and
// its multicast groups by itself. There is one with an error of Prepare.
func (d *Daemon) liveHost(c host.Config) (*host.Host, error) {
	c.NoLearning, c.AllGroups = true, true
	h, err := host.New(c)
	if err != nil {
		return nil, err
	}
	if d.Prepare == nil {
		return h, nil
	}
	return h, d.Prepare(h)
}
