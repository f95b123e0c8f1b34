//go:build linux

package live

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"nfvm/host"
	"nfvm/netfilter"
	"nfvm/netio/guard"
)

// A Config says what a Firewall works on.
type Config struct {
	Interfaces []string
	// Driver takes the frames from the interfaces, and puts them back.
	Driver guard.Driver
	// Queues is how many workers share the frames, by flow; 0 for as many as there
	// are processors.
	Queues int
	// FailClosed keeps the interfaces from passing anything when the process ends,
	// in whatever way, until guard.Release.
	FailClosed bool
	// Observe lets all frames pass by themselves; the engine sees copies, and
	// nothing is written.
	Observe bool
	// Outcome, if it is set, is told what becomes of each packet, one at a time.
	Outcome  func(*netfilter.Outcome)
	Host     *host.Host
	Options  netfilter.Options // but for Sink, which is the Firewall's
	Resolver Resolver
	Log      *slog.Logger
}

// A Resolver makes the kernel find the link-layer address of a neighbour. What
// it finds comes with the host's changes.
type Resolver interface {
	Resolve(index int, addr netip.Addr) error
}

// A Firewall is an engine on live interfaces.
type Firewall struct {
	log      *slog.Logger
	resolver Resolver
	ports    map[int]*port
	raw      *guard.Raw // sends by all other interfaces
	closed   bool
	observe  bool
	told     func(*netfilter.Outcome)

	// mu guards all that follows: the engine is for one goroutine at a time.
	mu      sync.Mutex
	engine  *netfilter.Engine
	waiting waiting
	current *worker // whose batch is in the engine
	stats   Stats
	others  VerdictStats // of interfaces that are not managed

	lost    atomic.Uint64
	pollers []*guard.Poller
	workers sync.WaitGroup
}

// A port is one managed interface.
type port struct {
	guard *guard.Guard
	// Guarded by Firewall.mu.
	stats    PortStats
	verdicts VerdictStats
}

// New takes hold of the interfaces. Their traffic is not touched before Start;
// Engine().Load gives the rules until then.
func New(c Config) (*Firewall, error) {
	f := &Firewall{log: c.Log, resolver: c.Resolver, ports: map[int]*port{}, closed: c.FailClosed, observe: c.Observe, told: c.Outcome}
	f.waiting.init()
	f.stats.Reasons = map[string]uint64{}
	opt := c.Options
	opt.Sink = netfilter.SinkFunc(f.outcome)
	var err error
	if f.engine, err = netfilter.New(c.Host, opt); err != nil {
		return nil, err
	}
	f.engine.Conntrack().SweepStep = sweepStep
	if f.raw, err = guard.NewRaw(); err != nil {
		return nil, err
	}
	if c.Queues == 0 {
		c.Queues = runtime.NumCPU()
	}
	for _, name := range c.Interfaces {
		g, err := guard.NewGuard(guard.Config{Name: name, Driver: c.Driver, Observe: c.Observe, Queues: c.Queues})
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if f.ports[g.Index] != nil {
			return nil, errors.Join(fmt.Errorf("interface %s is named twice", name), g.Close(), f.Close())
		}
		f.ports[g.Index] = &port{guard: g}
	}
	return f, f.assign(c.Queues)
}

// assign shares the queues among n workers: those of one number are one
// worker's, of all interfaces.
func (f *Firewall) assign(n int) error {
	share := make([][]*guard.Queue, n)
	for _, p := range f.ports {
		for _, q := range p.guard.List() {
			share[q.Index%n] = append(share[q.Index%n], q)
		}
	}
	for _, queues := range share {
		if len(queues) == 0 {
			continue
		}
		poller, err := guard.NewPoller(queues)
		if err != nil {
			return errors.Join(err, f.Close())
		}
		f.pollers = append(f.pollers, poller)
	}
	return nil
}

// Start begins to filter: from here on a packet passes only by the rules.
func (f *Firewall) Start() error {
	spareProcessors(len(f.pollers))
	for _, p := range f.pollers {
		f.start(newWorker(f, p))
	}
	for _, p := range f.ports {
		if err := f.attach(p.guard); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return nil
}

// attach puts a guard in force. What an earlier process left to keep the
// interface closed goes or stays only then, so that nothing slips through.
func (f *Firewall) attach(g *guard.Guard) error {
	if err := g.Attach(); err != nil {
		return err
	}
	f.log.Info("guarding", "iface", g.Name, "driver", g.Driver, "why", g.Why, "workers", len(f.pollers))
	switch {
	case f.observe: // whoever enforces has the say
		return nil
	case f.closed:
		return g.FailClosed()
	}
	_, err := guard.Release(g.Name)
	return err
}

func (f *Firewall) start(w *worker) {
	f.workers.Go(func() {
		if err := w.run(); err != nil {
			f.log.Error("reading frames", "err", err)
		}
	})
}

// Do runs a function on the engine while no packet is in it.
func (f *Firewall) Do(do func(*netfilter.Engine)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	begun := time.Now()
	do(f.engine)
	f.stats.LongestHold = max(f.stats.LongestHold, time.Since(begun))
}

// SetHost tells the firewall that the host has changed.
func (f *Firewall) SetHost(h *host.Host) {
	f.Do(func(e *netfilter.Engine) { e.SetHost(h) })
}

// Tick lets time pass when no packet comes: what is due expires. Call it every
// tenth of a second or so.
func (f *Firewall) Tick(now time.Time) {
	w := newWriter(f)
	f.mu.Lock()
	f.current = w
	f.engine.Advance(now.UnixNano())
	f.expireWaiting(now.UnixNano())
	f.current = nil
	f.mu.Unlock()
	w.flush()
	f.sweep()
}

// sweepStep is how many expired connections end with a packet, and sweepSteps how
// often as many end while packets wait for Tick.
const (
	sweepStep  = 8
	sweepSteps = 16
)

// sweep ends the connections that have expired, a few at a time.
func (f *Firewall) sweep() {
	for more := true; more; {
		f.Do(func(e *netfilter.Engine) {
			for n := 0; n < sweepSteps && more; n++ {
				more = e.Conntrack().Sweep(e.Now())
			}
		})
	}
}

// Close gives the interfaces back and ends the firewall, when the frames that it
// had taken are through.
func (f *Firewall) Close() error {
	var err error
	for _, p := range f.ports {
		err = errors.Join(err, p.guard.Detach())
	}
	for _, p := range f.pollers {
		err = errors.Join(err, p.Stop())
	}
	f.workers.Wait()
	for _, p := range f.pollers {
		err = errors.Join(err, p.Close())
	}
	f.pollers = nil
	for _, p := range f.ports {
		err = errors.Join(err, p.guard.Close())
	}
	f.ports = nil
	return errors.Join(err, f.raw.Close())
}
