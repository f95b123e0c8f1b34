package compiler

import (
	"bytes"
	"slices"
)

// A boxTree finds the boxes that a point lies in. The boxes are sorted by their
// lower ends in one field, as a balanced tree whose subtrees know what bounds
// their boxes in every field.
type boxTree struct {
	boxes  []box
	span   []box // bounds and lowest order of the subtree whose root is at an index
	ends   []int
	field  int    // the field that boxes are sorted by
	taken  []bool // by order: elements to pass over; nil: none
	visits int
}

// maxVisits bounds the steps, as boxes may overlap in every single
// field and yet not at all.
const maxVisits = 1 << 28

func newBoxTree(rows *rows, ends []int) *boxTree {
	t := &boxTree{ends: ends, boxes: make([]box, 0, rows.len())}
	for i := range rows.len() {
		if !rows.catchAll(i) {
			t.boxes = append(t.boxes, rows.box(i))
		}
	}
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

// bound computes the bounds of the subtree over boxes[lo:hi], whose root is in
// the middle; nil if it is empty.
func (t *boxTree) bound(lo, hi int) *box {
	if lo >= hi {
		return nil
	}
	mid := (lo + hi) / 2
	out := box{lo: t.boxes[mid].lo, hi: t.boxes[mid].hi, order: t.boxes[mid].order}
	for _, sub := range []*box{t.bound(lo, mid), t.bound(mid+1, hi)} {
		if sub != nil {
			t.widen(&out, sub)
		}
	}
	t.span[mid] = out
	return &t.span[mid]
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

// oldest gives the box of the lowest order below limit that a point lies in.
func (t *boxTree) oldest(point []byte, limit int) *box {
	var best *box
	var walk func(lo, hi int)
	walk = func(lo, hi int) {
		if lo >= hi || t.exhausted() {
			return
		}
		t.visits++
		mid := (lo + hi) / 2
		if t.span[mid].order >= limit || !t.span[mid].has(point, t.ends) {
			return
		}
		walk(lo, mid)
		b := &t.boxes[mid]
		if b.order < limit && b.has(point, t.ends) && (t.taken == nil || !t.taken[b.order]) {
			best, limit = b, b.order
		}
		if bytes.Compare(t.part(b.lo, t.field), t.part(point, t.field)) <= 0 {
			walk(mid+1, hi)
		}
	}
	walk(0, len(t.boxes))
	return best
}

// exhausted tells that the bound of visits is reached.
func (t *boxTree) exhausted() bool { return t.visits > maxVisits }
