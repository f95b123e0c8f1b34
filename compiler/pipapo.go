package compiler

import (
	"bytes"
	"slices"

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

// findBox gives the row of the element that the kernel deletes for a key: the
// oldest that the first value of the key lies in, of those that are not gone.
func (t *rows) findBox(point []byte, ends []int, gone map[int]bool) int {
	for i := range t.len() {
		if t.catchAll(i) || gone[i] {
			continue
		}
		if b := t.box(i); b.has(point, ends) {
			return i
		}
	}
	return -1
}

// boxesMeet refuses, as the kernel does, an element whose first or last value
// lies in an older element, from the given row on. It reports whether there
// was none.
func (r *rule) boxesMeet(t *rows, ends []int, from int) bool {
	all := make([]box, 0, t.len())
	for i := range t.len() {
		if !t.catchAll(i) {
			all = append(all, t.box(i))
		}
	}
	tree, ok := newBoxTree(all, ends), true
	for i := range all {
		b := &all[i]
		if b.order < from {
			continue
		}
		old := tree.oldest(b.lo, b.order)
		if old != nil && bytes.Equal(old.lo, b.lo) && bytes.Equal(old.hi, b.hi) {
			continue // the same element again
		}
		if old == nil {
			old = tree.oldest(b.hi, b.order)
		}
		if old != nil {
			r.refuse(t.at[b.order], eexist, "the element begins or ends inside an earlier one").Note(t.at[old.order], "the other element")
			ok = false
		}
	}
	return ok
}

// A boxTree finds the boxes that a point lies in: sorted by the first part's
// lower end, with the highest upper end of each half, as a balanced tree.
type boxTree struct {
	boxes []box
	top   [][]byte // highest upper end of the first part in the subtree at an index
	ends  []int
}

func newBoxTree(all []box, ends []int) *boxTree {
	t := &boxTree{boxes: append([]box(nil), all...), top: make([][]byte, len(all)), ends: ends}
	first := ends[0]
	slices.SortStableFunc(t.boxes, func(a, b box) int { return bytes.Compare(a.lo[:first], b.lo[:first]) })
	t.fill(0, len(all))
	return t
}

// fill computes the tops of the subtree over boxes[lo:hi], whose root is in the
// middle.
func (t *boxTree) fill(lo, hi int) []byte {
	if lo >= hi {
		return nil
	}
	mid := (lo + hi) / 2
	top := t.boxes[mid].hi[:t.ends[0]]
	for _, x := range [][]byte{t.fill(lo, mid), t.fill(mid+1, hi)} {
		if bytes.Compare(x, top) > 0 {
			top = x
		}
	}
	t.top[mid] = top
	return top
}

// oldest gives the box of the lowest order below limit that a point lies in.
func (t *boxTree) oldest(point []byte, limit int) *box {
	var best *box
	var walk func(lo, hi int)
	walk = func(lo, hi int) {
		if lo >= hi {
			return
		}
		mid := (lo + hi) / 2
		first := point[:t.ends[0]]
		if bytes.Compare(t.top[mid], first) < 0 {
			return
		}
		walk(lo, mid)
		b := &t.boxes[mid]
		if bytes.Compare(b.lo[:t.ends[0]], first) > 0 {
			return
		}
		if b.order < limit && b.has(point, t.ends) {
			best, limit = b, b.order
		}
		walk(mid+1, hi)
	}
	walk(0, len(t.boxes))
	return best
}
