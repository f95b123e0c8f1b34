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

func (f *Firewall) count(o *netfilter.Outcome) {
	f.countVerdict(o)
	switch s := &f.stats; o.Kind {
	case netfilter.Sent:
		s.Sent++
		if p := f.ports[o.Link.Index]; p != nil {
			p.stats.Out.add(len(o.Frame))
		}
	case netfilter.Delivered:
		s.Delivered++
	case netfilter.Dropped:
		s.Dropped++
		s.Reasons[reason(o)]++
		if o.In == nil {
			return
		}
		if p := f.ports[o.In.Index]; p != nil {
			p.stats.Dropped++
		}
	}
}

// countVerdict counts a packet that has come to its end.
func (f *Firewall) countVerdict(o *netfilter.Outcome) {
	link, dir, verdict, hook := o.Link, 0, VerdictAccept, 0
	switch {
	case o.Kind == netfilter.Held, o.Kind == netfilter.Proxied:
		return
	case o.Kind == netfilter.Sent, o.In == nil:
		dir = 1
	default:
		link = o.In
	}
	if o.Kind == netfilter.Dropped {
		verdict = VerdictDrop
		if o.Decision.Rejected() {
			verdict = VerdictReject
		}
	}
	if o.Reached && o.Hook < nf.HookCount {
		hook = int(o.Hook) + 1
	}
	size := len(o.Frame)
	if o.Ether {
		size -= min(size, etherSize)
	}
	to := &f.others
	if link != nil && f.ports[link.Index] != nil {
		to = &f.ports[link.Index].verdicts
	}
	to[dir][hook][verdict].add(size)
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
