package compiler

import (
	"bytes"
	"math"
	"slices"
)

// A boxTree finds the boxes that a point lies in. The boxes are sorted by their
// lower ends in one field, as a balanced tree whose subtrees know what bounds
// their boxes in every field.
type boxTree struct {
	boxes  []box
	span   []box // bounds and lowest order of the subtree whose root is at an index
	ends   []int
	field  int // the field that boxes are sorted by
	visits int // steps of searches
}

func newBoxTree(boxes []box, ends []int) *boxTree {
	t := &boxTree{ends: ends, boxes: boxes}
	least := -1
	for f := range ends {
		t.sort(f)
		if n := t.crossings(f); least < 0 || n < least {
			least, t.field = n, f
		}
	}
	if t.field != len(ends)-1 {
		t.sort(t.field)
	}
	t.span = make([]box, len(t.boxes))
	t.bound(0, len(t.boxes))
	return t
}

// part gives field f of a key.
func (t *boxTree) part(key []byte, f int) []byte {
	if f == 0 {
		return key[:t.ends[0]]
	}
	return key[t.ends[f-1]:t.ends[f]]
}

func (t *boxTree) sort(f int) {
	slices.SortStableFunc(t.boxes, func(a, b box) int { return bytes.Compare(t.part(a.lo, f), t.part(b.lo, f)) })
}

// crossings counts the boxes, sorted by field f, that begin inside an earlier
// one in that field.
func (t *boxTree) crossings(f int) int {
	n := 0
	var top []byte
	for i := range t.boxes {
		b := &t.boxes[i]
		if i > 0 && bytes.Compare(t.part(b.lo, f), top) <= 0 {
			n++
		}
		if hi := t.part(b.hi, f); bytes.Compare(hi, top) > 0 {
			top = hi
		}
	}
	return n
}

// nobody is the order of a box that was removed, and of a subtree without boxes.
const nobody = math.MaxInt

// bound computes the bounds of the subtree over boxes[lo:hi], whose root is in
// the middle.
func (t *boxTree) bound(lo, hi int) {
	if lo < hi {
		mid := (lo + hi) / 2
		t.bound(lo, mid)
		t.bound(mid+1, hi)
		t.rebound(lo, hi)
	}
}

// rebound computes the bounds of a subtree from those of the two below it.
func (t *boxTree) rebound(lo, hi int) {
	mid := (lo + hi) / 2
	out := t.boxes[mid]
	for _, sub := range [2][2]int{{lo, mid}, {mid + 1, hi}} {
		if sub[0] == sub[1] {
			continue
		}
		switch in := &t.span[(sub[0]+sub[1])/2]; {
		case in.order == nobody:
		case out.order == nobody:
			out = *in
		default:
			t.widen(&out, in)
		}
	}
	t.span[mid] = out
}

// remove takes the box at an index out.
func (t *boxTree) remove(at int) { t.removeIn(0, len(t.boxes), at) }

func (t *boxTree) removeIn(lo, hi, at int) {
	switch mid := (lo + hi) / 2; {
	case at < mid:
		t.removeIn(lo, mid, at)
	case at > mid:
		t.removeIn(mid+1, hi, at)
	default:
		t.boxes[at].order = nobody
	}
	t.rebound(lo, hi)
}

// widen makes a box hold another one. Bounds that change are copied: they are
// those of an element at first.
func (t *boxTree) widen(b, in *box) {
	lo, hi := b.lo, b.hi
	b.order = min(b.order, in.order)
	for f := range t.ends {
		if x := t.part(in.lo, f); bytes.Compare(x, t.part(lo, f)) < 0 {
			lo = t.replaced(lo, f, x)
		}
		if x := t.part(in.hi, f); bytes.Compare(x, t.part(hi, f)) > 0 {
			hi = t.replaced(hi, f, x)
		}
	}
	b.lo, b.hi = lo, hi
}

func (t *boxTree) replaced(key []byte, f int, x []byte) []byte {
	key = slices.Clone(key)
	copy(t.part(key, f), x)
	return key
}

// oldest gives the index of the box of the lowest order below limit that a point
// lies in, -1 without. It gives up after so many steps.
func (t *boxTree) oldest(point []byte, limit, steps int) int {
	best := -1
	steps += t.visits
	var walk func(lo, hi int)
	walk = func(lo, hi int) {
		if lo >= hi || t.visits > steps {
			return
		}
		t.visits++
		mid := (lo + hi) / 2
		if t.span[mid].order >= limit || !t.span[mid].has(point, t.ends) {
			return
		}
		walk(lo, mid)
		b := &t.boxes[mid]
		if b.order < limit && b.has(point, t.ends) {
			best, limit = mid, b.order
		}
		if bytes.Compare(t.part(b.lo, t.field), t.part(point, t.field)) <= 0 {
			walk(mid+1, hi)
		}
	}
	walk(0, len(t.boxes))
	return best
}
