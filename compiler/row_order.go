package compiler

import (
	"bytes"
	"iter"
	"slices"
	"sort"
)

// A rowOrder is the intervals of a named set in ascending order, none of which
// overlap, as the numbers of their rows. They lie in chunks, so that to add or
// remove one moves few of them: commands that add and delete elements in turns
// take time for what they change, not for what there is.
type rowOrder struct {
	t       *rows
	chunks  [][]uint32 // none is empty
	n       int
	any     int                 // row of the catch-all, -1: none
	again   map[uint32][]uint32 // by row: rows of repeats that say the same
	repeats *rows               // what was written more than once; nil where nothing is listed
	logs    bool
	log     []rowChange // for undo
}

// chunkRows is the most rows in a chunk.
const chunkRows = 512

// A place is where a row stands in a rowOrder, or can be put in. It may be behind
// the last row of a chunk.
type place struct{ chunk, i int }

func (o *rowOrder) key(row uint32) []byte {
	n := o.t.stride()
	return o.t.bytes[int(row)*n:][:o.t.width]
}

// after gives the place of the first row whose key is greater.
func (o *rowOrder) after(key []byte) place {
	if n := len(o.chunks); n > 0 {
		list := o.chunks[n-1]
		if bytes.Compare(o.key(list[len(list)-1]), key) <= 0 { // so it is when sorted rows come
			return place{n - 1, len(list)}
		}
	}
	greater := func(row uint32) bool { return bytes.Compare(o.key(row), key) > 0 }
	c := sort.Search(len(o.chunks), func(c int) bool { return greater(o.chunks[c][0]) }) - 1
	if c < 0 {
		return place{}
	}
	list := o.chunks[c]
	return place{c, sort.Search(len(list), func(i int) bool { return greater(list[i]) })}
}

// at gives the row at a place, -1 at the end.
func (o *rowOrder) at(p place) int {
	if p.chunk < len(o.chunks) && p.i == len(o.chunks[p.chunk]) {
		p = place{p.chunk + 1, 0}
	}
	if p.chunk >= len(o.chunks) {
		return -1
	}
	return int(o.chunks[p.chunk][p.i])
}

// before gives the place and the row before a place, -1 at the start.
func (o *rowOrder) before(p place) (place, int) {
	switch {
	case p.i > 0:
		p.i--
	case p.chunk > 0:
		p.chunk--
		p.i = len(o.chunks[p.chunk]) - 1
	default:
		return p, -1
	}
	return p, int(o.chunks[p.chunk][p.i])
}

// find gives the row with the bounds that id has, -1 without.
func (o *rowOrder) find(id []byte) int {
	if id == nil {
		return o.any
	}
	if _, i := o.before(o.after(id[:o.t.width])); i >= 0 && bytes.Equal(o.t.id(i), id) {
		return i
	}
	return -1
}

// holding gives the row in whose interval a span of keys lies, -1 without.
func (o *rowOrder) holding(lo, hi []byte) int {
	if _, i := o.before(o.after(lo)); i >= 0 && bytes.Compare(hi, o.t.end(i)) <= 0 {
		return i
	}
	return -1
}

// insert puts a row in at a place.
func (o *rowOrder) insert(p place, row int) {
	o.note(row, rowAdded)
	o.n++
	if len(o.chunks) == 0 {
		o.chunks = [][]uint32{{uint32(row)}}
		return
	}
	list := o.chunks[p.chunk]
	if len(list) < chunkRows {
		o.chunks[p.chunk] = slices.Insert(list, p.i, uint32(row))
		return
	}
	half := len(list) / 2
	if p.i == len(list) { // rows in order fill the chunks
		half = p.i
	}
	o.chunks[p.chunk] = list[:half:half]
	o.chunks = slices.Insert(o.chunks, p.chunk+1, slices.Clone(list[half:]))
	if p.i >= half {
		p.chunk, p.i = p.chunk+1, p.i-half
	}
	o.chunks[p.chunk] = slices.Insert(o.chunks[p.chunk], p.i, uint32(row))
}

// remove takes the row at a place out. The place is then that of the next row.
func (o *rowOrder) remove(p place) place {
	if p.i == len(o.chunks[p.chunk]) {
		p = place{p.chunk + 1, 0}
	}
	list := o.chunks[p.chunk]
	row := list[p.i]
	o.note(int(row), rowRemoved)
	o.n--
	o.t.drop(int(row))
	delete(o.again, row)
	if o.chunks[p.chunk] = slices.Delete(list, p.i, p.i+1); len(list) == 1 {
		o.chunks = slices.Delete(o.chunks, p.chunk, p.chunk+1)
		if p.chunk > 0 {
			return place{p.chunk - 1, len(o.chunks[p.chunk-1])}
		}
		return place{}
	}
	return p
}

// take takes a row out.
func (o *rowOrder) take(row int) {
	if row == o.any {
		o.any = -1
		o.t.drop(row)
		delete(o.again, uint32(row))
		return
	}
	p, _ := o.before(o.after(o.t.key(row)))
	o.remove(p)
}

// repeat notes a row that says what another one says.
func (o *rowOrder) repeat(first, row int) {
	o.t.drop(row)
	if o.repeats == nil {
		return
	}
	if o.again == nil {
		o.again = map[uint32][]uint32{}
	}
	o.note(first, rowRepeated)
	o.again[uint32(first)] = append(o.again[uint32(first)], uint32(o.repeats.len()))
	o.repeats.copyRow(o.t, row)
}

// renumber follows rows that were closed up.
func (o *rowOrder) renumber(to []uint32) {
	if o == nil {
		return
	}
	for _, list := range o.chunks {
		for i := range list {
			list[i] = to[list[i]]
		}
	}
	if o.any >= 0 {
		o.any = int(to[o.any])
	}
	again := make(map[uint32][]uint32, len(o.again))
	for row, list := range o.again {
		again[to[row]] = list
	}
	o.again = again
}

// rows copies the rows in order, the catch-all behind the intervals; repeated
// tells whether those come too that were written more than once.
func (o *rowOrder) rows(repeated bool) *rows {
	t := o.t
	out := &rows{width: t.width, ends: t.ends, data: t.data, extra: t.extra}
	out.grow(o.n)
	for row := range o.all() {
		if out.copyRow(t, row); repeated && len(o.again) > 0 {
			for _, i := range o.again[uint32(row)] {
				out.copyRow(o.repeats, int(i))
			}
		}
	}
	return out
}

// all gives the rows in order, the catch-all behind the intervals.
func (o *rowOrder) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, list := range o.chunks {
			for _, row := range list {
				if !yield(int(row)) {
					return
				}
			}
		}
		if o.any >= 0 {
			yield(o.any)
		}
	}
}
