package replay

import (
	"errors"
	"io"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/host"
	"nfvm/netfilter"
	"nfvm/netio"
	"nfvm/nf"
	"nfvm/osf"
	"nfvm/packet"
	"nfvm/vm"
)

// Options say what to replay and who wants to know about it. Capture, Host and
// Program are needed.
type Options struct {
	Capture io.Reader
	Host    *host.Host
	Program *bytecode.Program
	// Ifaces names interfaces that the capture does not, in order; without them
	// they are eth0, eth1, …
	Ifaces []string
	Seed   uint64
	// Connections, when not nil, are there from the beginning.
	Connections *ct.Saved
	// Advance is how long time runs on after the last packet, in nanoseconds.
	Advance int64

	// Systems are fingerprints of operating systems, nil for none.
	Systems *osf.Database

	Tracer   vm.Tracer
	TraceAll bool
	Events   func(*ct.Event)
	// Log is given each packet that a rule logs, nil for no use of it.
	Log func(p *packet.Packet, hook nf.Hook, l *bytecode.Log)
	// Observers are told what became of each packet.
	Observers []Observer
}

// An Observer watches a replay.
type Observer interface {
	// Frame is called for each frame before it is processed.
	Frame(f *netio.Frame, link *nf.Link)
	// Packet is called for what became of it, and of the packets that the host
	// made because of it.
	Packet(o *netfilter.Outcome) error
	// Done is called when the frame has been processed.
	Done() error
}

// A Result is what a replay leaves.
type Result struct {
	Engine *netfilter.Engine
	Frames int
	First  int64 // time of the first and last frame, nanoseconds since the epoch
	Last   int64
	// Damage is where the capture stopped making sense, nil if it did not.
	Damage *netio.DamageError
	// Restored says what became of Options.Connections.
	Restored ct.Restored
	// Cut counts frames that the capture holds in part only.
	Cut int
}

// A run is a replay under way.
type run struct {
	opt   Options
	in    *netio.Reader
	eng   *netfilter.Engine
	links []*nf.Link
	res   Result
	err   error // of an observer
}

// Run replays a capture.
func Run(opt Options) (*Result, error) {
	in, err := netio.NewReader(opt.Capture, opt.Ifaces...)
	if err != nil {
		return nil, err
	}
	r := &run{opt: opt, in: in}
	r.eng, err = netfilter.New(opt.Host, netfilter.Options{
		Seed: opt.Seed, Sink: netfilter.SinkFunc(r.packet),
		Tracer: opt.Tracer, TraceAll: opt.TraceAll, Events: opt.Events, Log: opt.Log, Systems: opt.Systems,
		RecordedCookies: true,
	})
	if err != nil {
		return nil, err
	}
	r.res.Engine = r.eng
	if err := r.frames(); err != nil {
		return nil, err
	}
	r.eng.Advance(r.res.Last + opt.Advance)
	r.done() // what the passing of time made
	return &r.res, r.err
}

// frames reads the capture to its end or damage.
func (r *run) frames() error {
	var f netio.Frame
	for r.err == nil {
		err := r.in.Next(&f)
		var damage *netio.DamageError
		switch {
		case errors.Is(err, io.EOF):
			return r.load()
		case errors.As(err, &damage):
			r.res.Damage = damage
			return r.load()
		case err != nil:
			return err
		}
		if err := r.frame(&f); err != nil {
			return err
		}
	}
	return r.err
}

// load puts the rules in force, once the time of the first packet is known.
func (r *run) load() error {
	if r.opt.Program == nil {
		return nil
	}
	p := r.opt.Program
	r.opt.Program = nil
	if err := r.eng.Load(p); err != nil || r.opt.Connections == nil {
		return err
	}
	// Saved by a run on another capture, they may be from any time: what is left
	// of their timeouts counts.
	r.opt.Connections.SetTime(r.eng.Now())
	r.res.Restored = r.eng.RestoreConntrack(r.opt.Connections, r.eng.Now())
	return nil
}

func (r *run) frame(f *netio.Frame) error {
	link, kind, err := r.link(f.Interface)
	if err != nil {
		return err
	}
	if r.res.Frames == 0 {
		r.res.First = f.Time
		r.eng.Advance(f.Time)
		if err := r.load(); err != nil {
			return err
		}
	}
	r.res.Frames++
	r.res.Last = max(r.res.Last, f.Time)
	if f.OrigLen > len(f.Data) {
		r.res.Cut++
	}
	for _, o := range r.opt.Observers {
		o.Frame(f, link)
	}
	r.eng.Process(&netfilter.Frame{
		Number: f.Number, Link: link, Time: f.Time, Data: f.Data,
		Ether: kind.Ether(), Outbound: f.Direction == netio.DirectionOutbound,
	})
	r.done()
	return nil
}

// done tells the observers that a frame has been processed.
func (r *run) done() {
	for _, o := range r.opt.Observers {
		if err := o.Done(); err != nil && r.err == nil {
			r.err = err
		}
	}
}

// packet passes an outcome on to the observers.
func (r *run) packet(o *netfilter.Outcome) {
	for _, w := range r.opt.Observers {
		if err := w.Packet(o); err != nil && r.err == nil {
			r.err = err
		}
	}
}
