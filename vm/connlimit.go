package vm

import (
	"nfvm/ct"
	"nfvm/nf"
)

// connlimit counts the packet's connection, forgetting those that have ended,
// and compares (nft_connlimit_do_eval). A packet without connection counts as
// none and matches nothing.
func (s *State) connlimit(m *Machine) bool {
	t := m.env.Conntrack()
	e := m.entry()
	if t == nil || e == nil {
		return false
	}
	s.forgetEnded(t)
	tuple, zone := e.Tuple[nf.DirOriginal], e.ZoneOf()
	if !s.counts(&tuple, zone) {
		s.conns = append(s.conns, conn{tuple, zone})
	}
	return (uint64(len(s.conns)) > s.conf.limit) == s.conf.over
}

func (s *State) counts(t *ct.Tuple, z ct.Zone) bool {
	for i := range s.conns {
		if s.conns[i].tuple == *t && s.conns[i].zone == z {
			return true
		}
	}
	return false
}

// forgetEnded drops the connections that are not in the table: ended ones, and
// those whose first packet was dropped.
func (s *State) forgetEnded(t *ct.Table) {
	kept := s.conns[:0]
	for _, c := range s.conns {
		id, _, ok := t.Lookup(&c.tuple, c.zone)
		if !ok {
			continue
		}
		if e := t.Entry(id); e != nil && !closed(e) {
			kept = append(kept, c)
		}
	}
	s.conns = kept
}

// closed reports whether a TCP connection is over though still in the table.
func closed(e *ct.Entry) bool {
	return e.L4() == nf.ProtoTCP && (e.TCP.State == ct.TCPTimeWait || e.TCP.State == ct.TCPClose)
}
