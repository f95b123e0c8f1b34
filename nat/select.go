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
			if !e.taken(now, en) || e.takenInReverse(now, en) {
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

// takenInReverse reports whether what takes an unchanged source is the same flow
// seen from the other side, and not translated: then it keeps its source, and
// confirming decides (nf_nat_used_tuple_new). One CPU meets this with zones only.
func (e *Engine) takenInReverse(t *ct.Tuple, en *ct.Entry) bool {
	reply, ok := t.Invert()
	if !ok || !ct.AllowsClash(t.L4) {
		return false
	}
	id, _, found := e.table.Lookup(t, en.ZoneOf())
	if !found {
		id, _, found = e.table.Lookup(&reply, en.ZoneOf())
	}
	if !found {
		return true
	}
	other := e.table.Entry(id)
	translated := other.Status&(nf.CTStatusSrcNAT|nf.CTStatusDstNAT|nf.CTStatusSeqAdjust) != 0
	return !translated && other.Tuple[nf.DirOriginal] == en.Tuple[nf.DirReply] &&
		other.Tuple[nf.DirReply] == en.Tuple[nf.DirOriginal]
}
