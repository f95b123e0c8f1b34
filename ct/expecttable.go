package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// expectations finds what is expected by its destination and by its master.
// Both lists begin with the newest. It is small: nf_conntrack_expect_max bounds
// it.
type expectations struct {
	byDst    map[expectKey]*Expectation
	byMaster map[uint32]*Expectation
	timers   expectHeap
	seq      uint64
}

// An expectKey is the part of a tuple that counts in full.
type expectKey struct {
	dst    packet.Addr
	id     uint16
	l3, l4 uint8
}

func expectKeyOf(t *Tuple) expectKey { return expectKey{t.Dst, t.DstID, t.L3, t.L4} }

// count is the number of expectations.
func (s *expectations) count() int { return len(s.timers) }

// insert adds an expectation as the newest.
func (s *expectations) insert(x *Expectation) {
	if s.byDst == nil {
		s.byDst, s.byMaster = map[expectKey]*Expectation{}, map[uint32]*Expectation{}
	}
	k := expectKeyOf(&x.Tuple)
	s.seq++
	x.linked, x.seq = true, s.seq
	x.same, s.byDst[k] = s.byDst[k], x
	x.sibling, s.byMaster[x.Master] = s.byMaster[x.Master], x
	s.timers.push(x)
}

// remove is the inverse of insert.
func (s *expectations) remove(x *Expectation) {
	k := expectKeyOf(&x.Tuple)
	if head := unlinkExpect(s.byDst[k], x, func(x *Expectation) **Expectation { return &x.same }); head == nil {
		delete(s.byDst, k)
	} else {
		s.byDst[k] = head
	}
	if head := unlinkExpect(s.byMaster[x.Master], x, func(x *Expectation) **Expectation { return &x.sibling }); head == nil {
		delete(s.byMaster, x.Master)
	} else {
		s.byMaster[x.Master] = head
	}
	s.timers.remove(x)
	x.expectLinks = expectLinks{}
}

// unlinkExpect takes x out of a list and gives the list's new head.
func unlinkExpect(head, x *Expectation, next func(*Expectation) **Expectation) *Expectation {
	for at := &head; *at != nil; at = next(*at) {
		if *at == x {
			*at = *next(x)
			break
		}
	}
	return head
}

// find gives the newest expectation that a tuple fulfills, nil if there is none.
func (s *expectations) find(tuple *Tuple, zone uint16, inactive bool, now int64) *Expectation {
	for x := s.byDst[expectKeyOf(tuple)]; x != nil; x = x.same {
		if x.Expires > now && (inactive || x.Flags&ExpectInactive == 0) && x.admits(tuple, &x.Mask) && x.Zone == zone {
			return x
		}
	}
	return nil
}

// ofClass counts the expectations of a master in one class and gives the oldest.
func (s *expectations) ofClass(master uint32, class uint8) (n int, oldest *Expectation) {
	for x := s.byMaster[master]; x != nil; x = x.sibling {
		if x.Class == class && x.Flags&ExpectUserspace == 0 {
			n++
			oldest = x
		}
	}
	return n, oldest
}

// fulfill lets a new entry inherit from the flow that expected it, and uses the
// expectation up unless it is permanent (nf_ct_find_expectation). One whose
// master was not confirmed yet, or is gone, holds for nobody.
func (t *Table) fulfill(e *Entry) {
	if t.expects.count() == 0 {
		return
	}
	x := t.expects.find(&e.Tuple[nf.DirOriginal], e.Zone, false, t.now)
	if x == nil {
		return
	}
	master := t.get(x.Master)
	if master == nil || !master.Confirmed() || master.Dying() {
		return
	}
	t.ref(master)
	e.Master, e.Helper, e.Mark = x.Master, x.Helper, master.Mark
	if mark := t.Secmark(master); mark != 0 {
		t.extend(e).secmark = mark
	}
	e.Status |= nf.CTStatusExpected
	t.Stats.ExpectNew++
	if x.Flags&ExpectPermanent == 0 {
		t.unexpect(x, t.now)
	}
	if f := t.onExpected[x.Fn]; f != nil {
		f(e, x)
	}
}
