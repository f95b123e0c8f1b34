package vm

import "sync"

// A Beside lets the machines of one goroutine go through rules beside those of
// others. What a rule does to its packet and to the packet's connection needs
// nothing; counters in rules are counted by each goroutine for itself; limits, quotas
// and the like are guarded by a mutex; and for what remains, such as to change a set,
// the goroutine waits until it is alone.
type Beside struct {
	// Alone waits until no other goroutine's machine runs. None does then until the
	// packet's way has ended.
	Alone func()
	// Guard is common to all goroutines.
	Guard *sync.Mutex

	counts tallied
}

// tallied is what a goroutine has counted since it was settled last.
type tallied struct {
	of      *Ruleset
	cells   []cell   // by stateConf.cell, less 1
	touched []uint32 // those that are not zero
}

type cell struct{ packets, bytes uint64 }

// Follow counts for a ruleset from now on.
func (b *Beside) Follow(r *Ruleset) {
	b.Settle()
	n := len(r.counters)
	const apart = 16 // cells, so that goroutines have no cache line in common
	b.counts = tallied{of: r, cells: make([]cell, n+apart)[:n], touched: make([]uint32, 0, n+4*apart)}
}

// Settle brings what has been counted into the ruleset. No machine may run meanwhile.
func (b *Beside) Settle() {
	c := &b.counts
	for _, i := range c.touched {
		s := c.of.counters[i]
		s.a += c.cells[i].packets
		s.b += c.cells[i].bytes
		c.cells[i] = cell{}
	}
	c.touched = c.touched[:0]
}

func (c *tallied) add(i uint32, bytes int) {
	to := &c.cells[i]
	if to.packets == 0 {
		c.touched = append(c.touched, i)
	}
	to.packets++
	to.bytes += uint64(bytes)
}

// alone waits until no other machine runs.
func (m *Machine) alone() {
	if m.Beside != nil {
		m.Beside.Alone()
	}
}

// besides runs a state while other machines run.
func (s *State) besides(m *Machine) bool {
	b := m.Beside
	switch n := s.conf.cell; {
	case n != 0 && b.counts.of == m.base.of:
		b.counts.add(n-1, m.length())
		return true
	case s.conf.kind == stateConnlimit:
		b.Alone()
		return s.meet(m)
	}
	b.Guard.Lock()
	defer b.Guard.Unlock()
	return s.meet(m)
}
