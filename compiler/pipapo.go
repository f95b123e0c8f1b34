package compiler

import (
	"bytes"

	"nfvm/bytecode"
)

// A box is an element of a set of concatenations with ranges: the first and the
// last key, a part every four bytes or more.
type box struct {
	lo, hi []byte
	order  int // row
}

// boxes tells whether the elements of a set are boxes.
func (s *setState) boxes() bool { return s.is(bytecode.SetInterval) && len(s.key.parts) > 0 }

func (t *rows) box(i int) box { return box{t.key(i), t.end(i), i} }

// has tells whether a point lies in the box; ends are where the parts of a key
// end in bytes.
func (b *box) has(point []byte, ends []int) bool {
	from := 0
	for _, to := range ends {
		p := point[from:to]
		if bytes.Compare(p, b.lo[from:to]) < 0 || bytes.Compare(p, b.hi[from:to]) > 0 {
			return false
		}
		from = to
	}
	return true
}

// partEnds lists where the parts of a key end in bytes.
func (s *setState) partEnds() []int {
	ends, n := make([]int, len(s.key.parts)), 0
	for i, p := range s.key.parts {
		n += 4 * words(p.width)
		ends[i] = n
	}
	return ends
}

// checkBoxes refuses elements of a set of concatenations with ranges that were
// added since the last check and overlap. It waits until some go or all
// commands have run.
func (c *compiler) checkBoxes(s *setState) {
	if s.boxes() && s.met < s.rows.len() {
		r := &rule{compiler: c, table: s.table}
		r.boxesMeet(s, s.boxTrees(), s.rows, s.met)
		s.met = s.rows.len()
	}
}

func (c *compiler) checkAllBoxes(t *tableState) {
	for _, s := range t.setList.all() {
		if !s.anonymousSet() {
			c.checkBoxes(s)
		}
	}
}

// boxesMeet refuses, as the kernel does, an element whose first or last value
// lies in an older element, from the given row on. It reports whether there
// was none.
func (r *rule) boxesMeet(s *setState, tree *grove, t *rows, from int) bool {
	ok := true
	for i := from; i < t.len() && !tree.exhausted(); i++ {
		if t.catchAll(i) {
			continue
		}
		b := t.box(i)
		old := tree.oldest(b.lo, i)
		if old != nil && bytes.Equal(old.lo, b.lo) && bytes.Equal(old.hi, b.hi) {
			continue // the same element again
		}
		if old == nil {
			old = tree.oldest(b.hi, i)
		}
		if old != nil {
			r.refuse(t.at[i], eexist, "the element begins or ends inside an earlier one").Note(t.at[old.order], "the other element")
			ok = false
		}
	}
	if tree.exhausted() {
		r.errorf(s.at, "the elements of %s %s overlap too much in each field to be compared: more than %d steps", s.kind(), s.Name, maxVisits)
		return false
	}
	return ok
}
