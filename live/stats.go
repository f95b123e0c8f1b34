//go:build linux

package live

import (
	"maps"
	"time"

	"nfvm/netfilter"
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
}

// PortStats counts the frames of one interface.
type PortStats struct {
	In, Out Traffic // from the wire and to it
	Dropped uint64  // of those that came in
}

// Traffic counts frames and their bytes.
type Traffic struct{ Packets, Bytes uint64 }

func (t *Traffic) add(bytes int) {
	t.Packets++
	t.Bytes += uint64(bytes)
}

func (f *Firewall) count(o *netfilter.Outcome) {
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
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stats
	s.Lost = f.lost.Load()
	s.Reasons = maps.Clone(s.Reasons)
	s.Interfaces = map[string]PortStats{}
	for _, p := range f.ports {
		s.Interfaces[p.guard.Name] = p.stats
	}
	return s
}
