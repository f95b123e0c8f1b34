package compiler

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"nfvm/bytecode"
	"nfvm/datatype"
)

// An interval of a single-field interval set begins as one row and ends as
// another, or the same. There may be a million, so it holds neither keys nor
// pointers.
type interval struct{ first, last uint32 }

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

// intervals gives the rows of an interval set in ascending order, the catch-all
// apart.
func (s *setState) intervals(t *rows) (out []interval, catchAll []int) {
	starts := make([]start, 0, t.len())
	for i := range t.len() {
		if t.catchAll(i) {
			catchAll = append(catchAll, i)
			continue
		}
		starts = append(starts, start{leading(t.key(i)), uint32(i)})
	}
	sortStarts(starts, t)
	out = make([]interval, len(starts))
	for i, x := range starts {
		out[i] = interval{x.n, x.n}
	}
	return out, catchAll
}

// A start is a row with the first bytes of its key as a number.
type start struct {
	lead uint64
	n    uint32
}

// leading gives the first bytes of a key as a number.
func leading(key []byte) (v uint64) {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	for _, c := range key {
		v = v<<8 | uint64(c)
	}
	return v
}

// sortStarts orders rows by their keys, the wider first, then as listed.
func sortStarts(list []start, t *rows) {
	order := func(a, b start) int {
		if a.lead != b.lead {
			return cmp.Compare(a.lead, b.lead)
		}
		if t.width > 8 {
			if c := bytes.Compare(t.key(int(a.n)), t.key(int(b.n))); c != 0 {
				return c
			}
		}
		if c := bytes.Compare(t.end(int(b.n)), t.end(int(a.n))); c != 0 {
			return c
		}
		return cmp.Compare(a.n, b.n)
	}
	if !slices.IsSortedFunc(list, order) {
		slices.SortFunc(list, order)
	}
}

// merge joins overlapping and adjacent intervals, in place.
func (t *rows) merge(in []interval) []interval {
	out := in[:0]
	for _, v := range in {
		if n := len(out); n > 0 {
			last := &out[n-1]
			lo, hi := t.key(int(v.first)), t.end(int(last.last))
			if bytes.Compare(lo, hi) <= 0 || follows(lo, hi) {
				if bytes.Compare(t.end(int(v.last)), hi) > 0 {
					last.last = v.last
				}
				continue
			}
		}
		out = append(out, v)
	}
	return out
}

// successor writes the number behind v; false if there is none of that size.
func successor(out, v []byte) bool {
	copy(out, v)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i]++; out[i] != 0 {
			return true
		}
	}
	return false
}

// follows tells whether a is the number behind b.
func follows(a, b []byte) bool {
	var next [16]byte
	n := append(next[:0], b...)
	return successor(n, n) && bytes.Equal(a, n)
}

// overlaps reports conflicting intervals; equal ones are dropped, in place.
func (r *rule) overlaps(t *rows, in []interval) ([]interval, bool) {
	out := in[:0]
	ok := true
	for _, v := range in {
		if n := len(out); n > 0 {
			i, j := int(out[n-1].first), int(v.first)
			if bytes.Compare(t.key(j), t.end(i)) <= 0 {
				if !bytes.Equal(t.id(i), t.id(j)) || !t.sameData(i, j) {
					r.conflicting(t.at[i], t.at[j])
					ok = false
				}
				continue
			}
		}
		out = append(out, v)
	}
	return out, ok
}

// conflicting reports two intervals that overlap, the later one in the source
// as the mistake.
func (r *rule) conflicting(a, b span) {
	if a.Start > b.Start {
		a, b = b, a
	}
	r.errorf(b, "conflicting intervals specified").Note(a, "the other interval")
}

// segments writes sorted intervals as the kernel takes them; lead tells that the
// set was empty.
func (r *rule) segments(s *setState, t *rows, in []interval, lead bool) []bytecode.Element {
	out := make([]bytecode.Element, 0, s.countSegments(t, in, lead))
	r.eachSegment(s, t, in, lead, func(e *bytecode.Element) {
		out = append(out, *e)
		if e.IntervalEnd {
			out[len(out)-1].Key = bytes.Clone(e.Key)
		}
	})
	return out
}

// eachSegment gives a start for each interval, and an end behind it where no
// other interval starts there. The key of an end is good until the next one.
func (r *rule) eachSegment(s *setState, t *rows, in []interval, lead bool, f func(*bytecode.Element)) {
	next := make([]byte, t.width)
	end := bytecode.Element{Key: next, IntervalEnd: true}
	if t.leads(in, lead) {
		f(&end)
	}
	var e bytecode.Element
	for i, v := range in {
		r.rowElement(s, t, int(v.first), &e)
		e.Key = t.key(int(v.first))
		f(&e)
		if s.ends(t, in, i) {
			successor(next, t.end(int(v.last)))
			f(&end)
		}
	}
}

// countSegments is the number of elements that eachSegment gives.
func (s *setState) countSegments(t *rows, in []interval, lead bool) int {
	n := len(in)
	if t.leads(in, lead) {
		n++
	}
	for i := range in {
		if s.ends(t, in, i) {
			n++
		}
	}
	return n
}

// leads tells whether the end of nothing stands before the intervals: in a set
// that was empty, unless they start at zero.
func (t *rows) leads(in []interval, lead bool) bool {
	return lead && (len(in) == 0 || !numFrom(t.key(int(in[0].first)), datatype.BigEndian).isZero())
}

// ends tells whether interval i has an end of its own: not at the highest key,
// nor where an anonymous set goes on.
func (s *setState) ends(t *rows, in []interval, i int) bool {
	hi := t.end(int(in[i].last))
	if hi[t.width-1] == byte(ones(s.key.width).lo) && numFrom(hi, datatype.BigEndian) == ones(s.key.width) {
		return false
	}
	return !(s.anonymousSet() && i+1 < len(in) && follows(t.key(int(in[i+1].first)), hi))
}
