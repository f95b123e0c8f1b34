package nat

import (
	"nfvm/ct"
	"nfvm/nf"
)

// choose gives the tuple that packets in the original direction of en shall
// have behind this hook; now is the one they have so far (get_unique_tuple).
// The result may still be taken when the range is exhausted: confirming the
// entry fails then.
func (e *Engine) choose(now *ct.Tuple, r *Range, m Manip, en *ct.Entry) ct.Tuple {
	zone := en.ZoneOf()
	if m == Src && !r.random() {
		// A source may keep what it has, or what it got for another destination.
		if r.holds(now) {
			if !e.taken(now, en) {
				return *now
			}
		} else if t, ok := e.sources.reuse(now, r, zone.In(nf.DirOriginal)); ok && !e.taken(&t, en) {
			return t
		}
	}
	t := *now
	r.chooseAddr(&t, m, zone.ID)
	if !e.fits(&t, r, m, en) {
		e.searchPort(&t, r, m, en)
	}
	return t
}

// fits reports whether t, with its address chosen, can stay as it is.
func (e *Engine) fits(t *ct.Tuple, r *Range, m Manip, en *ct.Entry) bool {
	switch {
	case r.random():
		return false
	case r.Flags&FlagPorts == 0:
		return !e.taken(t, en)
	case r.Flags&FlagPortOffset != 0 || !r.holdsPort(t, m):
		return false
	}
	return r.MinPort == r.MaxPort || !e.taken(t, en)
}

// taken reports whether replies to t would belong to another entry.
func (e *Engine) taken(t *ct.Tuple, en *ct.Entry) bool {
	reply, ok := t.Invert()
	return ok && e.table.Taken(&reply, en)
}
