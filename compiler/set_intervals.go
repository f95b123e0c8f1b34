package compiler

import (
	"bytes"

	"nfvm/datatype"
)

// intervals gives the intervals of a set in order.
func (r *rule) intervals(s *setState) *rowOrder {
	if s.order == nil {
		s.order = &rowOrder{t: s.all(), any: -1}
		if !r.opt.Consume && !s.merges() {
			s.order.repeats = s.newRows()
		}
	}
	return s.order
}

// addIntervals takes the rows from one on into a set whose elements may not
// overlap.
func (r *rule) addIntervals(s *setState, from int) bool {
	t, o, ok := s.all(), r.intervals(s), true
	if from == t.len() {
		return true // a variable may stand for no elements
	}
	last := t.at[t.len()-1:]
	o.logs, o.log = s.sized, nil
	starts, catchAll := t.starts(from)
	if from == 0 && r.opt.Consume && len(starts) >= manyElements {
		t = r.arrange(s, starts, catchAll)
	}
	if s.merges() {
		for _, x := range starts {
			o.merge(int(x.n))
		}
	} else {
		ok = r.placeAll(s, o, starts)
	}
	if ok && s.sized && uint32(o.n) > s.Size {
		r.refuse(last[0], enfile, "%s %s holds at most %d elements", s.kind(), s.Name, s.Size).Note(s.at, "it was declared here")
		o.undo()
		t.truncate(from)
		return false
	}
	o.logs = false
	for _, i := range catchAll {
		ok = r.addCatchAll(s, o, i) && ok
	}
	s.tidy()
	return ok
}

// arrange moves all rows of a set to where they stand in order, as memory is read
// faster so.
func (r *rule) arrange(s *setState, starts []start, catchAll []int) *rows {
	n := len(starts)
	s.rows = r.gather(s.rows, s.rows.len(), func(i int) int {
		if i < n {
			return int(starts[i].n)
		}
		return catchAll[i-n]
	})
	for i := range starts {
		starts[i].n = uint32(i)
	}
	for i := range catchAll {
		catchAll[i] = n + i
	}
	s.order.t = s.rows
	return s.rows
}

// addCatchAll takes a catch-all into a set, which has at most one.
func (r *rule) addCatchAll(s *setState, o *rowOrder, i int) bool {
	switch {
	case o.any < 0:
		o.any = i
		return true
	case !o.t.sameData(o.any, i):
		r.refuse(o.t.at[i], eexist, "the key has another value already").Note(o.t.at[o.any], "the other element")
		o.t.drop(i)
		return false
	}
	s.forget(s.table, i)
	o.repeat(o.any, i)
	return true
}

// placeAll puts sorted rows in their places. It reports those that overlap, of
// which the first in order stays; those that are equal are one.
func (r *rule) placeAll(s *setState, o *rowOrder, list []start) bool {
	ok := true
	clash := func(first, row int) {
		if o.same(first, row) {
			s.forget(s.table, row)
			o.repeat(first, row)
			return
		}
		r.conflicting(o.t.at[first], o.t.at[row])
		if ok = false; !o.t.isDead(row) {
			o.t.drop(row)
		}
	}
	for len(list) > 0 {
		x := int(list[0].n)
		list = list[1:]
		p := o.after(o.t.key(x))
		q, y := o.before(p)
		if y >= 0 && bytes.Equal(o.t.key(y), o.t.key(x)) && bytes.Compare(o.t.end(y), o.t.end(x)) < 0 {
			p = o.remove(q) // the wider comes first
			clash(x, y)
		} else if y >= 0 && bytes.Compare(o.t.key(x), o.t.end(y)) <= 0 {
			clash(y, x)
			continue
		}
		o.insert(p, x)
		list = o.clearInside(x, list, clash)
	}
	return ok
}

// clearInside takes out what begins inside of row x, which stands in order, and
// what does so of sorted rows to come, of which it gives the others.
func (o *rowOrder) clearInside(x int, list []start, clash func(first, row int)) []start {
	inside := func(i int) bool { return i >= 0 && bytes.Compare(o.t.key(i), o.t.end(x)) <= 0 }
	for {
		p := o.after(o.t.key(x))
		y, z := o.at(p), -1
		if len(list) > 0 {
			z = int(list[0].n)
		}
		switch {
		case inside(z) && (!inside(y) || o.precedes(z, y)):
			clash(x, z)
			list = list[1:]
		case inside(y):
			o.remove(p)
			clash(x, y)
		default:
			return list
		}
	}
}

// same tells whether two rows say the same.
func (o *rowOrder) same(i, j int) bool {
	return bytes.Equal(o.t.id(i), o.t.id(j)) && o.t.sameData(i, j)
}

// precedes tells whether row i comes before row j in order: the wider one if they
// begin with the same key.
func (o *rowOrder) precedes(i, j int) bool {
	if c := bytes.Compare(o.t.key(i), o.t.key(j)); c != 0 {
		return c < 0
	}
	return bytes.Compare(o.t.end(i), o.t.end(j)) > 0
}

// touches tells whether a row that begins with a key overlaps or follows one that
// ends with another.
func touches(key, end []byte) bool { return bytes.Compare(key, end) <= 0 || follows(key, end) }

// merge puts a row in its place and joins it with those that it overlaps or that
// are adjacent. What a row has beside its keys is that of the first of them.
func (o *rowOrder) merge(x int) {
	t := o.t
	lo, hi, first := t.key(x), t.end(x), x
	p := o.after(lo)
	if q, y := o.before(p); y >= 0 && touches(lo, t.end(y)) {
		if bytes.Compare(hi, t.end(y)) <= 0 {
			t.drop(x)
			return
		}
		p = q
	}
	for y := o.at(p); y >= 0 && touches(t.key(y), hi); y = o.at(p) {
		if c := bytes.Compare(t.key(y), lo); c < 0 || c == 0 && bytes.Compare(t.end(y), t.end(x)) >= 0 {
			lo, first = t.key(y), y
		}
		if bytes.Compare(t.end(y), hi) > 0 {
			hi = t.end(y)
		}
		p = o.remove(p)
	}
	if first != x || bytes.Compare(hi, t.end(x)) > 0 {
		t.drop(x)
		t.addPiece(first, lo, hi)
		x = t.len() - 1
	}
	o.insert(p, x)
}

// cut takes a span of keys out of the row that it lies in.
func (o *rowOrder) cut(lo, hi num) {
	key := lo.bytes(o.t.width, datatype.BigEndian)
	p, i := o.before(o.after(key))
	from, to := o.t.bounds(i)
	o.remove(p)
	if from.cmp(lo) < 0 {
		o.addPiece(i, from, lo.sub(n64(1)))
	}
	if hi.cmp(to) < 0 {
		o.addPiece(i, hi.add(n64(1)), to)
	}
}

// addPiece puts a part of row i in.
func (o *rowOrder) addPiece(i int, lo, hi num) {
	key := lo.bytes(o.t.width, datatype.BigEndian)
	o.t.addPiece(i, key, hi.bytes(o.t.width, datatype.BigEndian))
	o.insert(o.after(key), o.t.len()-1)
}

// addPiece adds a row with other keys, and with the options of row i.
func (t *rows) addPiece(i int, lo, hi []byte) {
	t.bytes = append(append(t.bytes, lo...), hi...)
	t.at = append(t.at, t.at[i])
	if t.other(i) != nil {
		t.setMore(t.more[i])
	}
}
