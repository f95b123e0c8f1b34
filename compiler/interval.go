package compiler

import (
	"cmp"
	"slices"

	"nfvm/bytecode"
	"nfvm/datatype"
)

// An interval is an element of a single-field interval set as numbers, both
// ends inclusive, in network order. It is made of element n of a list; there
// may be a million, so it holds no pointer.
type interval struct {
	lo, hi num
	n      uint32
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
	case *packedKey:
		if k.plen < 0 {
			return k.val, k.val
		}
		v := k.val.and(prefixMask(width, k.plen))
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
		out = append(out, interval{lo, hi, uint32(i)})
	}
	if !slices.IsSortedFunc(out, byStart) {
		slices.SortFunc(out, byStart)
	}
	return out, catchAll
}

// byStart orders intervals by their start, the wider first, then as listed.
func byStart(a, b interval) int {
	if c := a.lo.cmp(b.lo); c != 0 {
		return c
	}
	if c := b.hi.cmp(a.hi); c != 0 {
		return c
	}
	return cmp.Compare(a.n, b.n)
}

// merge joins overlapping and adjacent intervals, in place.
func merge(in []interval) []interval {
	out := in[:0]
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

// overlaps reports conflicting intervals of els; equal ones are dropped, in
// place.
func (r *rule) overlaps(els []elem, in []interval) ([]interval, bool) {
	out := in[:0]
	ok := true
	for _, v := range in {
		if n := len(out); n > 0 {
			last := &out[n-1]
			if v.lo == last.lo && v.hi == last.hi {
				if sameData(els[v.n].data, els[last.n].data) {
					continue
				}
				r.conflicting(&els[last.n], &els[v.n])
				ok = false
				continue
			}
			if v.lo.cmp(last.hi) <= 0 {
				r.conflicting(&els[last.n], &els[v.n])
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

// segments writes sorted intervals of els as the kernel takes them.
func (r *rule) segments(s *setState, els []elem, in []interval, first bool) []bytecode.Element {
	out := make([]bytecode.Element, 0, s.countSegments(in, first))
	r.eachSegment(s, els, in, first, func(e *bytecode.Element) { out = append(out, *e) })
	return out
}

// eachSegment gives a start for each interval, and an end behind it where no
// other interval starts there.
func (r *rule) eachSegment(s *setState, els []elem, in []interval, first bool, f func(*bytecode.Element)) {
	n := bytesOf(s.key.width)
	if s.leads(in, first) {
		f(&bytecode.Element{Key: make([]byte, n), IntervalEnd: true})
	}
	for i, v := range in {
		e := r.element2(s, &els[v.n])
		e.Key = v.lo.bytes(n, datatype.BigEndian)
		f(&e)
		if s.ends(in, i) {
			f(&bytecode.Element{Key: v.hi.add(n64(1)).bytes(n, datatype.BigEndian), IntervalEnd: true})
		}
	}
}

// countSegments is the number of elements that eachSegment gives.
func (s *setState) countSegments(in []interval, first bool) int {
	n := len(in)
	if s.leads(in, first) {
		n++
	}
	for i := range in {
		if s.ends(in, i) {
			n++
		}
	}
	return n
}

// leads tells whether the end of nothing stands before the intervals: in a set
// that was empty, unless they start at zero.
func (s *setState) leads(in []interval, first bool) bool {
	return first && (len(in) == 0 || !in[0].lo.isZero())
}

// ends tells whether interval i has an end of its own: not at the highest key,
// nor where an anonymous set goes on.
func (s *setState) ends(in []interval, i int) bool {
	hi := in[i].hi
	return hi != ones(s.key.width) && !(s.anonymousSet() && i+1 < len(in) && in[i+1].lo == hi.add(n64(1)))
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
