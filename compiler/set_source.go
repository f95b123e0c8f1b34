package compiler

import (
	"slices"

	"nfvm/bytecode"
)

// manyElements is the size from which a set is a source in a program that is
// only encoded.
const manyElements = 4096

// stateful tells whether elements have statements.
func (s *setState) stateful() bool {
	return len(s.Exprs) > 0 || slices.ContainsFunc(s.rows.extra, func(x extra) bool { return len(x.exprs) > 0 })
}

// A setSource makes the elements of a named set as they are asked for.
type setSource struct {
	r        *rule
	s        *setState
	in       []interval // of an interval set
	catchAll []int
}

// source gives the elements that the transaction leaves in a set.
func (r *rule) source(s *setState) *setSource {
	x := &setSource{r: r, s: s}
	if s.interval() {
		x.in, x.catchAll = r.settled(s)
	}
	return x
}

// settled gives the intervals that the transaction leaves in a set, in order.
func (r *rule) settled(s *setState) (in []interval, catchAll []int) {
	t := s.rows
	if s.sorted != nil {
		for i := range t.more {
			if t.catchAll(i) {
				catchAll = append(catchAll, i)
			}
		}
		return s.sorted, catchAll
	}
	in, catchAll = s.intervals(t)
	if s.merges() {
		return t.merge(in), catchAll
	}
	in, _ = r.overlaps(t, in)
	return in, catchAll
}

// Len is the number of elements.
func (x *setSource) Len() int {
	if !x.s.interval() {
		return x.s.rows.len()
	}
	return x.s.countSegments(x.s.rows, x.in, len(x.in) > 0) + len(x.catchAll)
}

// Each gives the elements in order.
func (x *setSource) Each(f func(*bytecode.Element)) {
	if !x.s.interval() {
		x.r.eachPlain(x.s, x.s.rows, 0, f)
		return
	}
	x.r.eachSegment(x.s, x.s.rows, x.in, len(x.in) > 0, f)
	for _, i := range x.catchAll {
		var e bytecode.Element
		x.r.rowElement(x.s, x.s.rows, i, &e)
		f(&e)
	}
}
