package compiler

import (
	"bytes"
	"sort"

	"nfvm/bytecode"
)

// A box is an element of a set of concatenations with ranges: the first and the
// last key, a part every four bytes or more.
type box struct {
	lo, hi []byte
	el     *elem
	order  int // of insertion
}

// boxes tells whether the elements of a set are boxes.
func (s *setState) boxes() bool { return s.is(bytecode.SetInterval) && len(s.key.parts) > 0 }

func boxOf(e *elem, order int) box {
	return box{appendValue(nil, e.key, false), appendValue(nil, e.key, true), e, order}
}

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

// findBox gives the index of the element that the kernel deletes for a key: the
// oldest that the first value of the key lies in.
func (s *setState) findBox(key expr) int {
	point, ends := appendValue(nil, key, false), s.partEnds()
	for i := range s.elems {
		if s.elems[i].key == nil {
			continue
		}
		if b := boxOf(&s.elems[i], i); b.has(point, ends) {
			return i
		}
	}
	return -1
}

// boxesMeet refuses, as the kernel does, an element whose first or last value
// lies in an older element, from the given index on. It reports whether there
// was none.
func (r *rule) boxesMeet(s *setState, els []elem, from int) bool {
	var all []box
	for i := range els {
		if els[i].key != nil {
			all = append(all, boxOf(&els[i], i))
		}
	}
	tree, ok := newBoxTree(all, s.partEnds()), true
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
			r.refuse(b.el.at, eexist, "the element begins or ends inside an earlier one").Note(old.el.at, "the other element")
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
	sort.SliceStable(t.boxes, func(i, j int) bool {
		return bytes.Compare(t.boxes[i].lo[:first], t.boxes[j].lo[:first]) < 0
	})
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
