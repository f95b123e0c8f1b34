package set

import (
	"bytes"
	"slices"
	"sort"
)

// A Range is an element of a concatenation: each field of the key lies between
// that of From and that of To, ends included.
type Range struct {
	From, To []byte
	N        int32
}

// Ranges is an index of concatenations whose fields are ranges. Elements are
// found through one field, the one that tells them apart best: its values are
// cut at every place where some element begins or ends, and each piece lists
// the elements that reach into it. The other fields of those are then compared.
type Ranges struct {
	fields []field
	ranges []Range
	by     field
	cuts   [][]byte // first value of each piece, ascending
	pieces [][]int32
}

type field struct{ at, len int }

func (f field) of(key []byte) []byte { return key[f.at : f.at+f.len] }

// NewRanges makes an index. fieldLens are the lengths of the key's fields in
// bytes, without the padding to 4 that each has in the key.
func NewRanges(fieldLens []uint32, ranges []Range) *Ranges {
	x := &Ranges{ranges: ranges}
	at := 0
	for _, n := range fieldLens {
		x.fields = append(x.fields, field{at, int(n)})
		at += int(n+3) &^ 3
	}
	best := -1
	for _, f := range x.fields {
		cuts := x.cutsOf(f)
		pieces, work := x.piecesOf(f, cuts)
		if best < 0 || work < best {
			best, x.by, x.cuts, x.pieces = work, f, cuts, pieces
		}
	}
	return x
}

func (x *Ranges) cutsOf(f field) [][]byte {
	var cuts [][]byte
	for i := range x.ranges {
		cuts = append(cuts, f.of(x.ranges[i].From))
		if after := next(f.of(x.ranges[i].To)); after != nil {
			cuts = append(cuts, after)
		}
	}
	slices.SortFunc(cuts, bytes.Compare)
	return slices.CompactFunc(cuts, bytes.Equal)
}

// next gives the value after v, nil after the highest.
func next(v []byte) []byte {
	n := bytes.Clone(v)
	for i := len(n) - 1; i >= 0; i-- {
		if n[i]++; n[i] != 0 {
			return n
		}
	}
	return nil
}

// maxListed bounds the size of the lists of pieces, in entries for each
// element; beyond it the pieces share one list of all elements.
const maxListed = 32

// piecesOf lists the elements of each piece, and gives the sum of the squares
// of the lists' lengths as the measure of how much is left to compare.
func (x *Ranges) piecesOf(f field, cuts [][]byte) (pieces [][]int32, work int) {
	pieces = make([][]int32, len(cuts))
	listed := 0
	for i := range x.ranges {
		r := &x.ranges[i]
		first, last := pieceOf(cuts, f.of(r.From)), pieceOf(cuts, f.of(r.To))
		if listed += last - first + 1; listed > maxListed*len(x.ranges) {
			return x.unlisted(len(cuts))
		}
		for j := max(first, 0); j <= last; j++ {
			pieces[j] = append(pieces[j], int32(i))
		}
	}
	for _, p := range pieces {
		work += len(p) * len(p)
	}
	return pieces, work
}

func (x *Ranges) unlisted(n int) ([][]int32, int) {
	all := make([]int32, len(x.ranges))
	for i := range all {
		all[i] = int32(i)
	}
	pieces := make([][]int32, n)
	for i := range pieces {
		pieces[i] = all
	}
	return pieces, n * len(all) * len(all)
}

// pieceOf gives the last piece that begins at or before v, -1 before the first.
func pieceOf(cuts [][]byte, v []byte) int {
	return sort.Search(len(cuts), func(i int) bool { return bytes.Compare(cuts[i], v) > 0 }) - 1
}

// Find gives the number of the element whose ranges hold the key, or None.
func (x *Ranges) Find(key []byte) int32 {
	if len(x.fields) == 0 {
		return None
	}
	p := pieceOf(x.cuts, x.by.of(key))
	if p < 0 {
		return None
	}
	for _, i := range x.pieces[p] {
		if x.holds(&x.ranges[i], key) {
			return x.ranges[i].N
		}
	}
	return None
}

func (x *Ranges) holds(r *Range, key []byte) bool {
	for _, f := range x.fields {
		v := f.of(key)
		if bytes.Compare(v, f.of(r.From)) < 0 || bytes.Compare(v, f.of(r.To)) > 0 {
			return false
		}
	}
	return true
}
