//go:build linux

package live

import (
	"errors"
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
	// Outcome, if it is set, is told what becomes of each packet, one at a time; with
	// OnlyDrops of those that go no further.
	Outcome   func(*netfilter.Outcome)
	OnlyDrops bool
	Host      *host.Host
	Options   netfilter.Options // but for Sink, which is the Firewall's
	Resolver  Resolver
	Log       *slog.Logger
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
	managed  []*port      // in the order of Config.Interfaces
	raw      *guard.Raw   // sends by all other interfaces
	guards   guard.Config // but for the name
	closed   bool
	observe  bool
	told     func(*netfilter.Outcome)
	drops    bool // are all that is told

	// looking guards what is known of managed interfaces that have gone, and when
	// to look for them again. It is taken before life.
	looking sync.Mutex
	again   time.Time

	// life is held for reading while something is written, and for writing while
	// interfaces come and go: no worker runs then. It is taken before
	// the engine's lock.
	life    sync.RWMutex
	pollers []*guard.Poller
	workers sync.WaitGroup
	// engine has its own lock, which is taken before mu. Its workers are for as many
	// of ours.
	engine *netfilter.Engine
	beside []*netfilter.Worker
	// ports are the managed interfaces that are there, by index. They change while
	// no worker runs and the engine is locked.
	ports  map[int]*port
	bypass *bypass // nil with Config.Observe

	// mu guards all that follows, and what is told to Config.Outcome.
	mu      sync.Mutex
	waiting waiting
	stats   Stats
	others  VerdictStats // of interfaces that are not managed

	lost atomic.Uint64
}

// A port is one managed interface.
type port struct {
	name  string
	guard *guard.Guard // nil while the interface is not there
	mtu   int          // that the guard knows
	torn  bool         // a device that the guard needs was taken away
	// Guarded by Firewall.mu.
	stats    PortStats
	verdicts VerdictStats
}

// New takes hold of the interfaces. Their traffic is not touched before Start;
// Engine().Load gives the rules until then.
func New(c Config) (*Firewall, error) {
	if c.Queues == 0 {
		c.Queues = runtime.NumCPU()
	}
	f := &Firewall{
		log: c.Log, resolver: c.Resolver, closed: c.FailClosed, observe: c.Observe, told: c.Outcome, drops: c.OnlyDrops,
		guards: guard.Config{Driver: c.Driver, Observe: c.Observe, Queues: c.Queues}, ports: map[int]*port{},
	}
	f.waiting.init()
	f.stats.Reasons = map[string]uint64{}
	opt := c.Options
	opt.Sink = nil
	var err error
	if !c.Observe {
		if f.bypass, err = newBypass(f); err != nil {
			return nil, err
		}
		opt.Bypass, f.guards.Flows = f.bypass, f.bypass.flows
	}
	if f.engine, err = netfilter.New(c.Host, opt); err != nil {
		return nil, err
	}
	f.engine.Conntrack().SweepStep = sweepStep
	if f.raw, err = guard.NewRaw(); err != nil {
		return nil, err
	}
	for _, name := range c.Interfaces {
		p := &port{name: name}
		if err := f.hold(p); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		f.managed = append(f.managed, p)
	}
	if err := f.assign(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Start begins to filter: from here on a packet passes only by the rules.
func (f *Firewall) Start() error {
	f.life.Lock()
	defer f.life.Unlock()
	spareProcessors(len(f.pollers))
	f.work()
	for _, p := range f.managed {
		if err := f.attach(p.guard); err != nil {
			return errors.Join(err, f.close())
		}
	}
	return nil
}

// Do runs a function on the engine while no packet is in it.
func (f *Firewall) Do(do func(*netfilter.Engine)) {
	f.engine.Lock()
	defer f.engine.Unlock()
	begun := time.Now()
	do(f.engine)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.LongestHold = max(f.stats.LongestHold, time.Since(begun))
}

// Tick lets time pass when no packet comes: what is due expires. Call it every
// tenth of a second or so.
func (f *Firewall) Tick(now time.Time) {
	f.lookAgain(now)
	f.life.RLock()
	defer f.life.RUnlock()
	w := newWriter(f)
	w.alone(func(e *netfilter.Engine) {
		e.Advance(now.UnixNano())
		f.expireWaiting(now.UnixNano())
	})
	w.flush()
	f.sweep()
}

// sweepStep is how many expired connections end with a packet and flows of flowtables
// are looked at, and sweepSteps how
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
				more = e.Sweep()
			}
		})
	}
}

// Close gives the interfaces back and ends the firewall, when the frames that it
// had taken are through.
func (f *Firewall) Close() error {
	f.life.Lock()
	defer f.life.Unlock()
	return f.close()
}

func (f *Firewall) close() error {
	var err error
	for _, p := range f.ports {
		err = errors.Join(err, p.guard.Detach())
	}
	err = errors.Join(err, f.rest((*guard.Poller).Stop))
	for _, p := range f.ports {
		err = errors.Join(err, f.drop(p))
	}
	if f.bypass != nil {
		err = errors.Join(err, f.bypass.flows.Close())
	}
	return errors.Join(err, f.raw.Close())
}
