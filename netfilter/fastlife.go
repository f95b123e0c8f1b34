package netfilter

import (
	"nfvm/ct"
	"nfvm/nf"
)

// beginFast has a connection forwarded.
func (e *Engine) beginFast(f *fastFlow, entry *ct.Entry) {
	w, b := entry.Windows(), e.fast.bypass
	f.in = b.PutConn(f.ct, &w)
	for d := 0; d < 2 && f.in; d++ {
		if !b.Put(&f.keys[d], &f.ways[d]) {
			e.endFast(f, entry)
		}
	}
	if entry.Seen = fastLater; f.in {
		entry.Seen = ct.Elsewhere
	}
}

// takeFast brings a connection home, to be seen to by the engine until giveFast.
func (e *Engine) takeFast(entry *ct.Entry) {
	f := e.fast.byID[entry.ID]
	switch {
	case f == nil || !f.in:
		entry.Seen = 0
	case !f.taken:
		f.taken = true
		f.visits++
		e.fast.taken = append(e.fast.taken, f)
		e.mergeFast(f, entry, e.fast.bypass.TakeConn(f.ct))
	}
}

// knowFast brings home what is known of a connection, which goes on without the engine.
func (e *Engine) knowFast(entry *ct.Entry) {
	if f := e.fast.byID[entry.ID]; f != nil && f.in && !f.taken {
		e.mergeFast(f, entry, e.fast.bypass.Conn(f.ct))
	}
}

// mergeFast notes what was forwarded. It reports whether there was something.
func (e *Engine) mergeFast(f *fastFlow, entry *ct.Entry, c BypassConn) bool {
	last := max(c.Use[0].Last, c.Use[1].Last)
	if last == 0 {
		return false
	}
	for d, u := range c.Use {
		e.ct.AccountMany(entry, nf.Dir(d), u.Packets, u.Bytes)
		for _, s := range f.counters[d] {
			s.AddMany(u.Packets, u.Bytes)
		}
	}
	if entry.L4() == nf.ProtoTCP {
		entry.SetWindows(&c.Windows)
	}
	e.ct.Followed(entry, last)
	return true
}

// giveFast has connections forwarded again whose packets the engine has seen.
func (e *Engine) giveFast() {
	if len(e.fast.taken) == 0 {
		return
	}
	e.alone()
	for _, f := range e.fast.taken {
		if e.fast.byID[f.ct] != f || !f.in {
			continue
		}
		f.taken = false
		entry := e.ct.Entry(f.ct)
		if w := entry.Windows(); e.staysFast(f, entry) && e.fast.bypass.PutConn(f.ct, &w) {
			continue
		}
		f.taken = true
		e.endFast(f, entry)
	}
	e.fast.taken = e.fast.taken[:0]
}

// staysFast reports whether a connection may still be forwarded.
func (e *Engine) staysFast(f *fastFlow, entry *ct.Entry) bool {
	return f.epoch == e.bypassEpoch && entry.Seen == ct.Elsewhere && !e.opt.TraceAll && f.visits <= fastVisits && e.ct.Steady(entry, e.now)
}

// endFast gives a connection back to the rules. The entry may be gone: nil.
func (e *Engine) endFast(f *fastFlow, entry *ct.Entry) {
	delete(e.fast.byID, f.ct)
	if !f.in {
		return
	}
	b := e.fast.bypass
	if entry != nil && !f.taken {
		e.mergeFast(f, entry, b.TakeConn(f.ct))
	}
	for d := range f.keys {
		b.Remove(&f.keys[d])
	}
	b.RemoveConn(f.ct)
	f.in = false
	if entry != nil {
		if entry.Seen = 0; f.visits > fastVisits {
			entry.Seen = fastLater
		}
	}
}

// endAllFast gives all connections back, before rules change.
func (e *Engine) endAllFast() {
	for _, f := range e.fast.byID {
		e.endFast(f, e.ct.Entry(f.ct))
	}
	e.fast.taken, e.fast.unchecked = e.fast.taken[:0], nil
}

// SyncBypass brings home what the Bypass has forwarded so far, for counters to be read.
func (e *Engine) SyncBypass() {
	for _, f := range e.fast.byID {
		if entry := e.ct.Entry(f.ct); entry != nil {
			e.knowFast(entry)
		}
	}
}

// fastDue reports whether connections are to be looked over.
func (e *Engine) fastDue(now int64) bool {
	return len(e.fast.unchecked) > 0 || len(e.fast.byID) > 0 && now >= e.fast.nextCheck
}

// checkFast looks some connections over, at most so many, and reports whether there
// are more.
func (e *Engine) checkFast(budget int) (more bool) {
	x := &e.fast
	if len(x.unchecked) == 0 && len(x.byID) > 0 && e.now >= x.nextCheck {
		x.nextCheck = e.now + flowCheck
		for _, f := range x.byID {
			x.unchecked = append(x.unchecked, f)
		}
	}
	for ; len(x.unchecked) > 0 && budget > 0; budget-- {
		f := x.unchecked[0]
		if x.unchecked = x.unchecked[1:]; x.byID[f.ct] == f && !f.taken {
			e.checkFastFlow(f)
		}
	}
	return len(x.unchecked) > 0
}

func (e *Engine) checkFastFlow(f *fastFlow) {
	entry := e.ct.Entry(f.ct)
	if !f.in {
		if f.idle++; f.idle > fastIdle || f.epoch != e.bypassEpoch {
			delete(e.fast.byID, f.ct)
		}
		return
	}
	if f.idle++; e.mergeFast(f, entry, e.fast.bypass.Conn(f.ct)) {
		f.idle = 0
	}
	if f.idle > fastIdle || !e.staysFast(f, entry) {
		e.endFast(f, entry)
	}
	f.visits = 0
}
