//go:build linux

package live

import (
	"maps"
	"time"

	"nfvm/netfilter"
	"nfvm/nf"
)

// Stats counts frames since the start. One with segmentation left to a device is
// one frame, of as many bytes as it has.
type Stats struct {
	// What became of packets, and of those dropped why: "rule", "policy", or the
	// reason of the path.
	Sent, Delivered, Dropped uint64
	Reasons                  map[string]uint64
	// NoNeighbour are lost because the next hop did not answer, NoPort because
	// they were to leave by an interface that is not managed.
	NoNeighbour, NoPort uint64
	// Lost are those that an interface did not take.
	Lost uint64
	// LongestHold is how long packets had to wait at most for a Do.
	LongestHold time.Duration
	// Interfaces are the managed ones, by name.
	Interfaces map[string]PortStats
	// Verdicts count packets of all interfaces; those that are not managed have
	// no name.
	Verdicts map[string]VerdictStats
}

// VerdictStats counts packets of one interface, and their bytes from the network
// header on, by direction (0 came in, 1 leaves or was to leave), last hook (0 for
// none, else 1 more than the nf.Hook) and Verdict.
type VerdictStats [2][nf.HookCount + 1][VerdictReject + 1]Traffic

// A Verdict is what the rules, or the path, did with a packet.
type Verdict int

// The verdicts.
const (
	VerdictAccept Verdict = iota
	VerdictDrop
	VerdictReject
)

// String is the word of the verdict.
func (v Verdict) String() string { return [...]string{"accept", "drop", "reject"}[v] }

// PortStats counts the frames of one interface.
type PortStats struct {
	In, Out Traffic // from the wire and to it
	Dropped uint64  // of those that came in
	// Bypassed are those that came in and were forwarded for a flowtable inside the
	// kernel; In, and Out where they left, count them too. They are counted within a
	// second or so.
	Bypassed Traffic
	// Missed are frames that came while the queue towards nfvm was full.
	Missed uint64
}

// Traffic counts frames and their bytes.
type Traffic struct{ Packets, Bytes uint64 }

func (t *Traffic) add(bytes int) { t.addMany(1, uint64(bytes)) }

func (t *Traffic) addMany(packets, bytes uint64) {
	t.Packets += packets
	t.Bytes += bytes
}

// A tally is what a worker has counted since it was added to the statistics.
type tally struct {
	arrived Traffic // at the port of the batch
	ends    []end
	noPort  uint64
}

// An end is that of one packet, as statistics have it.
type end struct {
	kind      netfilter.Kind
	reason    string // of one that was dropped
	in, out   *port  // managed ones, else nil
	bytes     int    // of the frame
	size      int    // of the packet
	noVerdict bool
	port      *port // that the verdict counts for; nil: others
	dir, hook uint8
	verdict   Verdict
}

// endOf describes the end of a packet.
func (f *Firewall) endOf(o *netfilter.Outcome) end {
	e := end{kind: o.Kind, bytes: len(o.Frame)}
	switch o.Kind {
	case netfilter.Sent:
		e.out = f.ports[o.Link.Index]
	case netfilter.Dropped:
		e.reason = reason(o)
		if o.In != nil {
			e.in = f.ports[o.In.Index]
		}
	}
	f.judge(&e, o)
	return e
}

// judge notes the verdict on a packet that has come to its end.
func (f *Firewall) judge(e *end, o *netfilter.Outcome) {
	link := o.Link
	switch {
	case o.Kind == netfilter.Held, o.Kind == netfilter.Proxied:
		e.noVerdict = true
		return
	case o.Kind == netfilter.Sent, o.In == nil:
		e.dir = 1
	default:
		link = o.In
	}
	if o.Kind == netfilter.Dropped {
		e.verdict = VerdictDrop
		if o.Decision.Rejected() {
			e.verdict = VerdictReject
		}
	}
	if o.Reached && o.Hook < nf.HookCount {
		e.hook = uint8(o.Hook) + 1
	}
	e.size = len(o.Frame)
	if o.Ether {
		e.size -= min(e.size, etherSize)
	}
	if link != nil {
		e.port = f.ports[link.Index]
	}
}

// add adds what a worker has counted.
func (f *Firewall) add(w *worker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w.port != nil {
		w.port.stats.In.addMany(w.arrived.Packets, w.arrived.Bytes)
	}
	f.stats.NoPort += w.noPort
	for i := range w.ends {
		f.count(&w.ends[i])
	}
	w.tally = tally{ends: w.ends[:0]}
}

func (f *Firewall) count(e *end) {
	if !e.noVerdict {
		to := &f.others
		if e.port != nil {
			to = &e.port.verdicts
		}
		to[e.dir][e.hook][e.verdict].add(e.size)
	}
	switch s := &f.stats; e.kind {
	case netfilter.Sent:
		s.Sent++
		if e.out != nil {
			e.out.stats.Out.add(e.bytes)
		}
	case netfilter.Delivered:
		s.Delivered++
	case netfilter.Dropped:
		s.Dropped++
		s.Reasons[e.reason]++
		if e.in != nil {
			e.in.stats.Dropped++
		}
	}
}

// reason says why a packet was dropped.
func reason(o *netfilter.Outcome) string {
	switch {
	case o.Decision.Rule != nil:
		return "rule"
	case o.Decision.Chain != nil:
		return "policy"
	case o.Reason != "":
		return o.Reason
	}
	return "other"
}

// Stats gives the counts.
func (f *Firewall) Stats() Stats {
	f.life.RLock() // the guards stay
	defer f.life.RUnlock()
	missed := map[string]uint64{}
	for _, p := range f.ports {
		missed[p.name] = p.guard.Missed()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stats
	s.Lost = f.lost.Load()
	s.Reasons = maps.Clone(s.Reasons)
	s.Interfaces = map[string]PortStats{}
	s.Verdicts = map[string]VerdictStats{"": f.others}
	for _, p := range f.managed {
		s.Verdicts[p.name] = p.verdicts
		of := p.stats
		of.Missed += missed[p.name]
		s.Interfaces[p.name] = of
	}
	return s
}
