package vm

import (
	"nfvm/ct"
	"nfvm/nf"
)

// clockTick is the kernel's unit of time, in nanoseconds, with HZ=250, the usual
// setting: within one it does not search a list for ended connections again,
// unless for a connection that is in the table.
const clockTick = 4e6

// connlimit counts the packet's connection, forgetting some of those that have
// ended, and compares (nft_connlimit_do_eval). Packets without a connection
// count by their own tuple; one that has none is dropped.
func (s *State) connlimit(m *Machine) bool {
	c := conn{zone: ct.DefaultZone}
	e, t := m.entry(), m.env.Conntrack()
	tick := 1 + uint64(m.now)/clockTick
	searched := s.b == tick
	switch {
	case e != nil && e.Confirmed() && e.Status&nf.CTStatusAssured != 0:
		if !searched { // it is not counted anew
			s.forget(t)
			s.b = tick
		}
		return s.compare()
	case e != nil:
		c = conn{e.Tuple[nf.DirOriginal], e.ZoneOf()}
	default:
		tuple, ok := ct.TupleOf(m.p)
		if !ok {
			m.refused = true
			return false
		}
		c.tuple = tuple
	}
	if t == nil || searched && !(e != nil && e.Confirmed()) {
		s.conns = append(s.conns, c) // perhaps once more
	} else if !s.counted(t, c) {
		s.conns, s.b = append(s.conns, c), tick
	}
	return s.compare()
}

func (s *State) compare() bool { return (uint64(len(s.conns)) > s.conf.limit) == s.conf.over }

// maxForgotten is how many ended connections one packet takes off the list.
const maxForgotten = 8

// counted looks for a connection in the list (__nf_conncount_add). What it meets
// before and is not in the table any more, or closed, leaves the list; what
// stands behind the connection stays, ended or not.
func (s *State) counted(t *ct.Table, c conn) bool {
	forgotten := 0
	for i := 0; i < len(s.conns) && forgotten <= maxForgotten; i++ {
		e := s.conns[i].find(t)
		switch {
		case e != nil && s.conns[i] == c:
			return true
		case e == nil || closed(e):
			s.conns = append(s.conns[:i], s.conns[i+1:]...)
			i--
			forgotten++
		}
	}
	return false
}

// find gives the connection's entry, nil if it is not in the table: it has
// ended, or its first packet was dropped.
func (c *conn) find(t *ct.Table) *ct.Entry {
	id, _, ok := t.Lookup(&c.tuple, c.zone)
	if !ok {
		return nil
	}
	return t.Entry(id)
}

// closed reports whether a TCP connection is over though still in the table.
func closed(e *ct.Entry) bool {
	return e.L4() == nf.ProtoTCP && (e.TCP.State == ct.TCPTimeWait || e.TCP.State == ct.TCPClose)
}
