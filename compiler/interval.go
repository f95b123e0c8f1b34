package compiler

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"nfvm/bytecode"
	"nfvm/datatype"
)

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

// sorted gives the rows of an interval set in ascending order, the catch-all
// behind them.
func (t *rows) sorted() *rows {
	starts, last := t.starts(0)
	out := &rows{width: t.width, ends: t.ends, data: t.data, extra: t.extra}
	out.grow(t.len())
	for _, x := range starts {
		out.copyRow(t, int(x.n))
	}
	for _, i := range last {
		out.copyRow(t, i)
	}
	return out
}

// starts gives the intervals among rows, from one on, in ascending order, and the
// catch-all.
func (t *rows) starts(from int) (starts []start, catchAll []int) {
	starts = make([]start, 0, t.len()-from)
	for i := from; i < t.len(); i++ {
		if t.catchAll(i) {
			catchAll = append(catchAll, i)
		} else {
			starts = append(starts, start{leading(t.key(i)), uint32(i)})
		}
	}
	sortStarts(starts, t)
	return starts, catchAll
}

// intervals is the number of sorted rows that are not the catch-all.
func (t *rows) intervals() int {
	n := t.len()
	for n > 0 && t.catchAll(n-1) {
		n--
	}
	return n
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
	if slices.IsSortedFunc(list, order) {
		return
	}
	if len(list) < radixSorted {
		slices.SortFunc(list, order)
		return
	}
	radixSort(list)
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].lead == list[0].lead {
			n++
		}
		slices.SortFunc(list[:n], order)
		list = list[n:]
	}
}

// radixSorted is from how many rows on a radix sort is quicker.
const radixSorted = 512

// radixSort orders rows by the first bytes of their keys, and keeps the order of
// those where these are equal.
func radixSort(list []start) {
	var differ uint64
	for i := range list {
		differ |= list[i].lead ^ list[0].lead
	}
	from, to := list, make([]start, len(list))
	for shift := 0; differ>>shift != 0; shift += 8 {
		if differ>>shift&255 == 0 {
			continue
		}
		var next [256]int // the place of the next row with a byte
		for i := range from {
			next[from[i].lead>>shift&255]++
		}
		n := 0
		for b := range next {
			n, next[b] = n+next[b], n
		}
		for _, x := range from {
			b := x.lead >> shift & 255
			to[next[b]] = x
			next[b]++
		}
		from, to = to, from
	}
	if &from[0] != &list[0] {
		copy(list, from)
	}
}

// merge joins sorted intervals that overlap or are adjacent.
func (t *rows) merge() {
	n, last := 0, -1
	for i := range t.len() {
		if last >= 0 && !t.catchAll(i) {
			hi := t.end(last)
			if bytes.Compare(t.key(i), hi) <= 0 || follows(t.key(i), hi) {
				if bytes.Compare(t.end(i), hi) > 0 {
					copy(hi, t.end(i))
				}
				continue
			}
		}
		t.move(i, n)
		if !t.catchAll(n) {
			last = n
		}
		n++
	}
	t.truncate(n)
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

// overlaps reports sorted intervals that conflict, and drops all but the first;
// also those that are equal.
func (r *rule) overlaps(t *rows) bool {
	n, ok := 0, true
	for i := range t.len() {
		if last := n - 1; n > 0 && !t.catchAll(i) && bytes.Compare(t.key(i), t.end(last)) <= 0 {
			if !bytes.Equal(t.id(last), t.id(i)) || !t.sameData(last, i) {
				r.conflicting(t.at[last], t.at[i])
				ok = false
			}
			continue
		}
		t.move(i, n)
		n++
	}
	t.truncate(n)
	return ok
}

// disjoint makes sorted intervals of a set so that none overlap: they are merged
// if the set does, else conflicts are reported.
func (r *rule) disjoint(s *setState, t *rows) bool {
	if s.merges() || s.partial {
		t.merge()
		return true
	}
	return r.overlaps(t)
}

// conflicting reports two intervals that overlap, the later one in the source
// as the mistake.
func (r *rule) conflicting(a, b span) {
	if a.Start > b.Start {
		a, b = b, a
	}
	r.errorf(b, "conflicting intervals specified").Note(a, "the other interval")
}

// segments writes sorted intervals as the kernel takes them, and the catch-all
// behind them; lead tells that the set was empty.
func (r *rule) segments(s *setState, t *rows, lead bool) []bytecode.Element {
	out := make([]bytecode.Element, 0, s.countSegments(t, lead))
	r.eachSegment(s, t, 0, t.len(), lead, func(e *bytecode.Element) {
		out = append(out, *e)
		if e.IntervalEnd {
			out[len(out)-1].Key = bytes.Clone(e.Key)
		}
	})
	return out
}

// eachSegment gives a start for each interval of some rows, and an end behind it
// where no other interval starts there. The key of an end is good until the next
// one.
func (r *rule) eachSegment(s *setState, t *rows, from, to int, lead bool, f func(*bytecode.Element)) {
	next := make([]byte, t.width)
	end := bytecode.Element{Key: next, IntervalEnd: true}
	if from == 0 && t.leads(lead) {
		f(&end)
	}
	var e bytecode.Element
	for i := from; i < to; i++ {
		r.rowElement(s, t, i, &e)
		e.Key = t.key(i)
		f(&e)
		if s.closes(t, i) {
			successor(next, t.end(i))
			f(&end)
		}
	}
}

// countSegments is the number of elements that eachSegment gives.
func (s *setState) countSegments(t *rows, lead bool) int {
	n := t.len()
	if t.leads(lead) {
		n++
	}
	for i := range t.len() {
		if s.closes(t, i) {
			n++
		}
	}
	return n
}

// leads tells whether the end of nothing stands before the intervals: in a set
// that was empty, unless they start at zero.
func (t *rows) leads(lead bool) bool {
	return lead && t.intervals() > 0 && !numFrom(t.key(0), datatype.BigEndian).isZero()
}

// closes tells whether row i has an end of its own: not the catch-all, nor at
// the highest key, nor where an anonymous set goes on.
func (s *setState) closes(t *rows, i int) bool {
	if t.catchAll(i) {
		return false
	}
	hi := t.end(i)
	if isHighest(hi, s.key.width) {
		return false
	}
	return !(s.anonymousSet() && i+1 < t.len() && !t.catchAll(i+1) && follows(t.key(i+1), hi))
}

// isHighest tells whether all of a number of width bits are set.
func isHighest(v []byte, width int) bool {
	for _, c := range v[1:] {
		if c != 0xff {
			return false
		}
	}
	return v[0] == byte(1<<((width-1)%8+1)-1)
}
