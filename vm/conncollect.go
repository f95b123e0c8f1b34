package vm

import "nfvm/ct"

// collectEvery is how often sets are asked whether a collection is due.
const collectEvery = 100e6

// Collect drops from sets whose elements count connections those that have none
// left, as the kernel does when it collects what has expired (nft_connlimit_gc).
func (r *Ruleset) Collect(t *ct.Table, now int64) {
	if now < r.nextCollect {
		return
	}
	r.nextCollect = now + collectEvery
	for _, tab := range r.tables {
		for _, s := range tab.sets {
			if s.counts && s.room.size > 0 {
				s.collectIdle(t, now)
			}
		}
	}
}

// CollectDue reports whether Collect has something to do.
func (r *Ruleset) CollectDue(now int64) bool { return now >= r.nextCollect }

// collectIdle looks through the elements once in the set's interval, which begins
// with the first element that counts.
func (s *Set) collectIdle(t *ct.Table, now int64) {
	if s.idled == 0 {
		s.idled = now
	}
	if now < s.idled+s.room.interval {
		return
	}
	s.idled = now
	for n := range s.elems {
		if e := &s.elems[n]; !e.dead && idle(e.states, t) {
			s.room.used--
			s.remove(s.hash.Key(int32(n)))
		}
	}
}

// idle reports whether there is a connlimit among an element's states whose list
// is empty when the connections that have ended are forgotten.
func idle(states []State, t *ct.Table) bool {
	for i := range states {
		if s := &states[i]; s.conf.kind == stateConnlimit && s.forget(t) {
			return true
		}
	}
	return false
}

// forget takes the connections that have ended off a list, and reports whether none
// is left. A live one behind many that have ended ends the search
// (nf_conncount_gc_list).
func (s *State) forget(t *ct.Table) bool {
	forgotten := 0
	for i := 0; i < len(s.conns); {
		if e := s.conns[i].find(t); e == nil || closed(e) {
			s.conns = append(s.conns[:i], s.conns[i+1:]...)
			forgotten++
		} else if i++; forgotten > maxForgotten {
			break
		}
	}
	return len(s.conns) == 0
}
