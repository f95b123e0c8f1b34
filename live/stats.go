//go:build linux

package live

import "nfvm/netfilter"

// Stats counts packets since the start.
type Stats struct {
	Received, Sent, Delivered, Dropped uint64
	// NoNeighbour are lost because the next hop did not answer, NoPort because
	// they were to leave by an interface that is not managed.
	NoNeighbour, NoPort uint64
	// Lost are those that an interface did not take.
	Lost uint64
}

func (s *Stats) count(o *netfilter.Outcome) {
	switch o.Kind {
	case netfilter.Sent:
		s.Sent++
	case netfilter.Delivered:
		s.Delivered++
	case netfilter.Dropped:
		s.Dropped++
	}
}

// Stats gives the counts.
func (f *Firewall) Stats() Stats {
	f.mu.Lock()
	s := f.stats
	f.mu.Unlock()
	s.Lost = f.lost.Load()
	return s
}
