package compiler

import (
	"slices"

	"nfvm/bytecode"
	"nfvm/datatype"
)

// An interval is an element of a single-field interval set as numbers, both
// ends inclusive, in network order.
type interval struct {
	lo, hi num
	el     *elem
}

// bounds gives the first and last value of a key of width bits. Text counts as
// a number of its bytes.
func bounds(k expr, width int) (lo, hi num) {
	switch k := k.(type) {
	case *constant:
		v := ordinal(k, width)
		return v, v
	case *rangeVal:
		return ordinal(k.from, width), ordinal(k.to, width)
	case *prefixVal:
		v := ordinal(k.addr, width).and(prefixMask(width, k.plen))
		return v, v.or(ones(width - k.plen))
	}
	return num{}, num{}
}

// ordinal is the number by which intervals are sorted.
func ordinal(c *constant, width int) num {
	if c.typ != nil && c.typ.IsString() {
		return numFrom(c.val.bytes(width/8, datatype.HostEnd), datatype.BigEndian)
	}
	return c.val
}

// intervals gives the elements of an interval set in ascending order, the
// catch-all apart.
func (s *setState) intervals(els []elem) (out []interval, catchAll []*elem) {
	out = make([]interval, 0, len(els))
	for i := range els {
		e := &els[i]
		if e.key == nil {
			catchAll = append(catchAll, e)
			continue
		}
		lo, hi := bounds(e.key, s.key.width)
		out = append(out, interval{lo, hi, e})
	}
	if !slices.IsSortedFunc(out, byStart) {
		slices.SortStableFunc(out, byStart)
	}
	return out, catchAll
}

// byStart orders intervals by their start, the wider first.
func byStart(a, b interval) int {
	if c := a.lo.cmp(b.lo); c != 0 {
		return c
	}
	return b.hi.cmp(a.hi)
}

// merge joins overlapping and adjacent intervals.
func merge(in []interval) []interval {
	var out []interval
	for _, v := range in {
		if n := len(out); n > 0 {
			last := &out[n-1]
			if v.lo.cmp(last.hi) <= 0 || v.lo.sub(last.hi) == n64(1) {
				if v.hi.cmp(last.hi) > 0 {
					last.hi = v.hi
				}
				continue
			}
		}
		out = append(out, v)
	}
	return out
}

// overlaps reports conflicting intervals; equal ones are dropped.
func (r *rule) overlaps(in []interval) ([]interval, bool) {
	var out []interval
	ok := true
	for _, v := range in {
		if n := len(out); n > 0 {
			last := &out[n-1]
			if v.lo == last.lo && v.hi == last.hi {
				if sameData(v.el.data, last.el.data) {
					continue
				}
				r.conflicting(last.el, v.el)
				ok = false
				continue
			}
			if v.lo.cmp(last.hi) <= 0 {
				r.conflicting(last.el, v.el)
				ok = false
				continue
			}
		}
		out = append(out, v)
	}
	return out, ok
}

// conflicting reports two intervals that overlap, the later one in the source
// as the mistake.
func (r *rule) conflicting(a, b *elem) {
	if a.at.Start > b.at.Start {
		a, b = b, a
	}
	r.errorf(b.at, "conflicting intervals specified").Note(a.at, "the other interval")
}

// segments writes sorted intervals as the kernel takes them: a start each, and
// an end behind it where no other interval starts there.
func (r *rule) segments(s *setState, in []interval, first bool) []bytecode.Element {
	n := bytesOf(s.key.width)
	out := make([]bytecode.Element, 0, 2*len(in)+1)
	if first && (len(in) == 0 || !in[0].lo.isZero()) {
		out = append(out, bytecode.Element{Key: make([]byte, n), IntervalEnd: true})
	}
	for i, v := range in {
		e := r.element2(s, v.el)
		e.Key = v.lo.bytes(n, datatype.BigEndian)
		out = append(out, e)
		end := v.hi.add(n64(1))
		if v.hi == ones(s.key.width) {
			continue
		}
		if s.anonymousSet() && i+1 < len(in) && in[i+1].lo == end {
			continue
		}
		out = append(out, bytecode.Element{Key: end.bytes(n, datatype.BigEndian), IntervalEnd: true})
	}
	return out
}

// sameData reports whether two elements of a map give the same.
func sameData(a, b expr) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case *verdictVal:
		y, ok := b.(*verdictVal)
		return ok && x.verdict == y.verdict && x.chain == y.chain
	case *objectName:
		y, ok := b.(*objectName)
		return ok && x.name == y.name
	}
	if b == nil {
		return false
	}
	return string(dataBytes(a, false)) == string(dataBytes(b, false))
}
