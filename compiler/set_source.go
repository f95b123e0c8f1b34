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
	return len(s.Exprs) > 0 || slices.ContainsFunc(s.elems, func(e elem) bool { return e.hasStatements() })
}

// A setSource makes the elements of a named set as they are asked for.
type setSource struct {
	r        *rule
	s        *setState
	in       []interval // of an interval set
	catchAll []*elem
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
func (r *rule) settled(s *setState) (in []interval, catchAll []*elem) {
	if s.sorted != nil {
		for i := range s.elems {
			if s.elems[i].key == nil {
				catchAll = append(catchAll, &s.elems[i])
			}
		}
		return s.sorted, catchAll
	}
	in, catchAll = s.intervals(s.elems)
	if s.merges() {
		return merge(in), catchAll
	}
	in, _ = r.overlaps(s.elems, in)
	return in, catchAll
}

// Len is the number of elements.
func (x *setSource) Len() int {
	if !x.s.interval() {
		return len(x.s.elems)
	}
	return x.s.countSegments(x.in, len(x.in) > 0) + len(x.catchAll)
}

// Each gives the elements in order.
func (x *setSource) Each(f func(*bytecode.Element)) {
	if !x.s.interval() {
		x.r.eachPlain(x.s, x.s.elems, f)
		return
	}
	x.r.eachSegment(x.s, x.s.elems, x.in, len(x.in) > 0, f)
	for _, e := range x.catchAll {
		out := x.r.element2(x.s, e)
		f(&out)
	}
}
