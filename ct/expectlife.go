package ct

import "slices"

// An ExpectResult says what became of an announcement.
type ExpectResult uint8

// Results of Table.Expect.
const (
	Expected      ExpectResult = iota
	ExpectBusy                 // others expect some of these flows (EBUSY)
	ExpectAlready              // the same flows are expected in another class or by another master (EALREADY)
	ExpectFull                 // no room (EMFILE)
	ExpectRefused              // the master has no helper, or is gone (ESHUTDOWN)
)

// Expect makes the table wait for a flow (nf_ct_expect_related). An expectation
// equal to one of the same master takes its place; where the policy of its class
// admits no more, the oldest one gives way.
func (t *Table) Expect(x *Expectation) ExpectResult { return t.expect(x, false) }

// ExpectForAny is Expect, but an equal expectation of another master is refused
// as ExpectAlready instead of as ExpectBusy (NF_CT_EXP_F_SKIP_MASTER).
func (t *Table) ExpectForAny(x *Expectation) ExpectResult { return t.expect(x, true) }

func (t *Table) expect(x *Expectation, anyMaster bool) ExpectResult {
	master := t.get(x.Master)
	if master == nil || master.Dying() || x.linked {
		return ExpectRefused
	}
	x.Zone = master.Zone
	s := &t.expects
	for other := s.byDst[expectKeyOf(&x.Tuple)]; other != nil; other = other.same {
		switch {
		case x.equals(other) && (anyMaster || other.Master == x.Master):
			if other.Class != x.Class || other.Master != x.Master {
				return ExpectAlready
			}
			t.unexpect(other, t.now)
		case x.clashes(other):
			return ExpectBusy
		default:
			continue
		}
		break // the list has changed, and nothing else can be equal
	}
	policy, ok := t.expectPolicy(master, x.Class)
	if !ok && x.Flags&ExpectUserspace == 0 && x.Lifetime == 0 {
		return ExpectRefused
	}
	if n, oldest := s.ofClass(x.Master, x.Class); ok && policy.Max != 0 && n >= policy.Max {
		t.unexpect(oldest, t.now)
	}
	if s.count() >= int(t.Sysctl.ExpectMax) {
		return ExpectFull
	}
	x.Expires = t.now + x.Lifetime
	if ok {
		x.Expires = t.now + policy.Timeout
	}
	s.insert(x)
	t.Stats.ExpectCreate++
	t.emitExpect(x, ExpectEventNew, t.now)
	return Expected
}

// Unexpect stops waiting for a flow; it does nothing for an expectation that was
// fulfilled or has expired.
func (t *Table) Unexpect(x *Expectation) {
	if x.linked {
		t.unexpect(x, t.now)
	}
}

func (t *Table) unexpect(x *Expectation, when int64) {
	t.expects.remove(x)
	t.Stats.ExpectDelete++
	t.emitExpect(x, ExpectEventDestroy, when)
}

// unexpectAll ends the expectations of an entry that goes away.
func (t *Table) unexpectAll(e *Entry, when int64) {
	if t.expects.count() == 0 {
		return
	}
	for x := t.expects.byMaster[e.ID]; x != nil; x = t.expects.byMaster[e.ID] {
		t.unexpect(x, when)
	}
}

// expireExpectations ends what was not fulfilled in time, each before the
// entries that expire later, and reports whether the budget sufficed for these.
func (t *Table) expireExpectations(budget *int) (done bool) {
	for t.expects.count() > 0 {
		x := t.expects.timers[0]
		if x.Expires > t.now {
			return true
		}
		if !t.sweepEntries(x.Expires, budget) {
			return false
		}
		if x.linked { // its master may have expired first
			t.unexpect(x, x.Expires)
		}
	}
	return true
}

// SetExpectExpiry lets a pending expectation live until an instant.
func (t *Table) SetExpectExpiry(x *Expectation, at int64) {
	if x.linked {
		x.Expires = at
		t.expects.timers.fix(x)
	}
}

// FindExpected finds the expectation that a flow with this tuple would fulfill,
// also one that is inactive; nil if there is none.
func (t *Table) FindExpected(tuple *Tuple, zone uint16) *Expectation {
	return t.expects.find(tuple, zone, true, t.now)
}

// PendingOf is how many flows an entry expects in one class.
func (t *Table) PendingOf(e *Entry, class uint8) int {
	n, _ := t.expects.ofClass(e.ID, class)
	return n
}

// ExpectationsOf calls f for the expectations of an entry, the newest first,
// until f returns false. f may end the one it is given.
func (t *Table) ExpectationsOf(master uint32, f func(*Expectation) bool) {
	for x := t.expects.byMaster[master]; x != nil; {
		next := x.sibling
		if !f(x) {
			return
		}
		x = next
	}
}

// Expectations gives all expectations in the order of their making.
func (t *Table) Expectations() []*Expectation {
	all := slices.Clone(t.expects.timers)
	slices.SortFunc(all, func(a, b *Expectation) int { return int(a.seq) - int(b.seq) })
	return all
}

// OnExpected sets what is done with the flows that fulfill expectations of a
// function, before their first packet goes on. x is valid during the call.
func (t *Table) OnExpected(f ExpectFunc, do func(e *Entry, x *Expectation)) { t.onExpected[f] = do }
