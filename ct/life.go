package ct

import (
	"math"

	"nfvm/nf"
	"nfvm/packet"
)

// insert puts a confirmed entry into the table; hidden keeps its original half
// out of the index, for the loser of a clash.
func (t *Table) insert(e *Entry, hidden bool) {
	z := e.ZoneOf()
	// The reply half comes first, to be found if a host talks to itself by one port.
	for _, d := range [...]nf.Dir{nf.DirReply, nf.DirOriginal} {
		if hidden && d == nf.DirOriginal {
			continue
		}
		t.index.Add(t.index.hash(&e.Tuple[d], z.In(d)), uint32(e.half(d)))
	}
	e.state = slotLive
	t.live++
	slot := e.ID & slotMask
	if e.older = t.newest; e.older != 0 {
		t.at(e.older).newer = slot
	} else {
		t.oldest = slot
	}
	t.newest = slot
	t.queue.push(e, e.Expires)
}

// remove is the inverse of insert.
func (t *Table) remove(e *Entry) {
	z := e.ZoneOf()
	for d := nf.DirOriginal; d <= nf.DirReply; d++ {
		if e.Status&nf.CTStatusNATClash != 0 && d == nf.DirOriginal {
			continue
		}
		t.index.Remove(t.index.hash(&e.Tuple[d], z.In(d)), uint32(e.half(d)))
	}
	if e.older != 0 {
		t.at(e.older).newer = e.newer
	} else {
		t.oldest = e.newer
	}
	if e.newer != 0 {
		t.at(e.newer).older = e.older
	} else {
		t.newest = e.older
	}
	t.queue.remove(e)
	t.live--
}

// delete removes a live entry and reports its end as of the given instant.
func (t *Table) delete(e *Entry, when int64) {
	t.elsewhere(e)
	e.Status |= nf.CTStatusDying
	if e.timestamp {
		t.extend(e).stop = when
	}
	t.remove(e)
	t.emit(e, EventDestroy, when)
	t.forget(e, when)
	t.bury(e)
}

// forget undoes what an entry, confirmed or not, holds outside of itself.
func (t *Table) forget(e *Entry, when int64) {
	t.count--
	t.unhelp(e, when)
	t.unexpectAll(e, when)
	if e.L4() == nf.ProtoGRE && e.Master != 0 {
		t.DropGREKeys(e.Master)
	}
	if t.OnFree != nil {
		t.OnFree(e)
	}
	if master := t.get(e.Master); master != nil {
		t.unref(master)
	}
}

// Kill deletes an entry now. An unconfirmed one is marked, so that Confirm
// drops its packet.
func (t *Table) Kill(id uint32) {
	e := t.get(id)
	switch {
	case e == nil:
	case e.state == slotUnconfirmed:
		e.Status |= nf.CTStatusDying
	case e.state == slotLive:
		t.delete(e, t.now)
	}
}

// KillAt deletes a confirmed entry as of an instant that is past, for helpers whose
// own entry goes away then.
func (t *Table) KillAt(id uint32, when int64) {
	if e := t.get(id); e != nil && e.state == slotLive {
		t.delete(e, when)
	}
}

// Flush deletes all entries.
func (t *Table) Flush() {
	t.ForEach(func(e *Entry) bool { t.delete(e, t.now); return true })
}

// Release takes the entry off a packet whose way has ended. An entry that was
// never confirmed is freed thereby, and nothing remains of it.
func (t *Table) Release(p *packet.Packet) {
	if p.CT == 0 {
		return
	}
	if e := t.get(p.CT); e != nil && e.state == slotUnconfirmed {
		t.forget(e, t.now)
		t.release(e)
	}
	p.CT, p.CTInfo = 0, 0
}

// Sweep deletes the entries that have expired by now, in the order of their
// expiry, each with a DESTROY event of its own instant. Where SweepStep bounds its
// work, it may have to be called again, which it tells; nobody finds what has
// expired in the meantime.
func (t *Table) Sweep(now int64) (more bool) {
	t.now = max(t.now, now)
	budget := t.SweepStep
	if budget == 0 {
		budget = math.MaxInt
	}
	return !t.expireExpectations(&budget) || !t.sweepEntries(t.now, &budget)
}

// sweepEntries deletes the entries that have expired by an instant, and reports
// whether it has come to the end with a budget of entries to look at.
func (t *Table) sweepEntries(until int64, budget *int) (done bool) {
	for t.queue.n > 0 {
		first := t.queue.item(0)
		if first.due > until {
			return true
		}
		if *budget == 0 {
			return false
		}
		*budget--
		e := t.at(first.slot)
		t.elsewhere(e)
		if e.Expires > first.due {
			t.queue.delay(e.Expires)
			continue
		}
		t.delete(e, e.Expires)
	}
	return true
}

// NextExpiry gives the earliest instant at which Sweep may have work to do.
func (t *Table) NextExpiry() (at int64, ok bool) {
	if t.queue.n > 0 {
		at, ok = t.queue.item(0).due, true
	}
	if t.expects.count() > 0 && (!ok || t.expects.timers[0].Expires < at) {
		at, ok = t.expects.timers[0].Expires, true
	}
	return at, ok
}

// SetTimeout lets an entry live for the given nanoseconds from now.
func (t *Table) SetTimeout(e *Entry, lifetime int64) {
	if e.state != slotLive {
		e.Expires = lifetime
		return
	}
	before := e.Expires
	e.Expires = t.now + lifetime
	if e.Expires < before { // otherwise the queue has it early enough
		t.queue.hasten(e, e.Expires)
	}
}

// Refresh gives an entry a new lifetime in nanoseconds, unless it is fixed
// (nf_ct_refresh).
func (t *Table) Refresh(e *Entry, lifetime int64) {
	if e.Status&nf.CTStatusFixedTimeout == 0 {
		t.SetTimeout(e, lifetime)
	}
}

// refresh gives an entry a new lifetime and accounts the packet, as
// nf_ct_refresh_acct.
func (t *Table) refresh(e *Entry, d nf.Dir, size int, lifetime int64) {
	t.Refresh(e, lifetime)
	t.Account(e, d, size)
}
