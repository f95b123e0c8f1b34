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
	t        *rows // those of an interval set in order
	from, to int   // of the rows, those that it gives
	n        int   // how many elements all rows make
}

// source gives the elements that the transaction leaves in a set, which has no
// other use for its rows.
func (r *rule) source(s *setState) *setSource {
	x := &setSource{r: r, s: s}
	if s.interval() {
		x.t = r.inOrderOf(r.intervals(s))
	} else {
		s.closeUp()
		x.t = s.rows
	}
	s.rows, s.order = x.t, nil
	for _, at := range x.t.at {
		r.pos.meet(at)
	}
	x.to, x.n = x.t.len(), x.t.len()
	if s.interval() {
		x.n = s.countSegments(x.t, true)
	}
	return x
}

// Len is the number of elements.
func (x *setSource) Len() int { return x.n }

// Parts gives sources for some of the rows each.
func (x *setSource) Parts(n int) []bytecode.ElementSource {
	var out []bytecode.ElementSource
	for from := x.from; from < x.to; from += n {
		part := *x
		part.r = &rule{compiler: x.r.worker(), table: x.r.table}
		part.from, part.to = from, min(from+n, x.to)
		out = append(out, &part)
	}
	return out
}

// Each gives the elements in order.
func (x *setSource) Each(f func(*bytecode.Element)) {
	if x.s.interval() {
		x.r.eachSegment(x.s, x.t, x.from, x.to, true, f)
	} else {
		x.r.eachPlain(x.s, x.t, x.from, x.to, f)
	}
}

// inOrderOf gives the rows of an interval set in order.
func (r *rule) inOrderOf(o *rowOrder) *rows {
	list, stand := make([]uint32, 0, o.n+1), true
	for row := range o.all() {
		stand = stand && row == len(list)
		list = append(list, uint32(row))
	}
	if stand && len(list) == o.t.len() {
		return o.t
	}
	return r.gather(o.t, len(list), func(i int) int { return int(list[i]) })
}
