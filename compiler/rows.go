package compiler

import (
	"iter"
	"slices"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/nf"
)

// rows are the elements of a set as bytes, all of one width, so that a million
// of them are a few pieces of memory that hold no pointers.
//
// The row of an element of an interval set is its first and its last key as
// numbers in network order; that of a concatenation with ranges the first and
// the last value of each part; that of other sets the key. Behind it is the data
// of a map.
type rows struct {
	width int // bytes of a key
	ends  bool
	data  int // bytes of the data in a row, 0: it is in more
	bytes []byte
	at    []span         // of the keys
	place []diag.LineCol // where these begin, as far as it is known
	more  []uint32       // index in extra plus one; rows beyond have nothing more
	extra []extra
	known map[sharedExtra]uint32 // entries of extra that rows may share
	dead  []bool                 // rows that were taken out; those beyond were not
	gone  int                    // how many were
}

// extra is what few elements have, or what many share.
type extra struct {
	extraOpts
	catchAll bool
	data     expr // a *verdictVal, an *objectName, or what is not as wide as the data of a row
	exprs    []bytecode.Expr
}

// extraOpts are the options of an element that can be compared.
type extraOpts struct {
	hasTimeout       bool
	timeout, expires uint64 // milliseconds
	comment          string
}

// newRows makes rows for the elements of a set.
func (s *setState) newRows() *rows {
	t := &rows{width: bytesOf(s.key.width), ends: s.is(bytecode.SetInterval)}
	if s.is(bytecode.SetMap) && s.DataType != dataTypeVerdict {
		t.data = int(s.DataLen)
	}
	return t
}

// all gives the rows of a set.
func (s *setState) all() *rows {
	if s.rows == nil {
		s.rows = s.newRows()
	}
	return s.rows
}

func (t *rows) len() int {
	if t == nil {
		return 0
	}
	return len(t.at)
}

// stride is the number of bytes of a row.
func (t *rows) stride() int {
	if t.ends {
		return 2*t.width + t.data
	}
	return t.width + t.data
}

// grow makes room for n more rows.
func (t *rows) grow(n int) {
	t.bytes, t.at = slices.Grow(t.bytes, n*t.stride()), slices.Grow(t.at, n)
}

// whole gives key, end and data of a row.
func (t *rows) whole(i int) []byte {
	n := t.stride()
	return t.bytes[i*n : i*n+n : i*n+n]
}

// begins gives where the key of a row begins, if that is known.
func (t *rows) begins(i int) diag.LineCol {
	if i >= len(t.place) {
		return diag.LineCol{}
	}
	return t.place[i]
}

// key gives the key of an element, or the first of its keys; nil for the
// catch-all.
func (t *rows) key(i int) []byte {
	if t.catchAll(i) {
		return nil
	}
	return t.whole(i)[:t.width:t.width]
}

// end gives the last key of an element that has one.
func (t *rows) end(i int) []byte { return t.whole(i)[t.width : 2*t.width : 2*t.width] }

// id gives what makes an element unique; the catch-all has nothing.
func (t *rows) id(i int) []byte {
	if t.catchAll(i) {
		return nil
	}
	b := t.whole(i)
	return b[: len(b)-t.data : len(b)-t.data]
}

func (t *rows) rowData(i int) []byte {
	b := t.whole(i)
	return b[len(b)-t.data:]
}

// bounds gives the ends of an interval as numbers.
func (t *rows) bounds(i int) (lo, hi num) {
	return numFrom(t.key(i), datatype.BigEndian), numFrom(t.end(i), datatype.BigEndian)
}

// other gives what an element has beside its row, nil if that is nothing.
func (t *rows) other(i int) *extra {
	if i >= len(t.more) || t.more[i] == 0 {
		return nil
	}
	return &t.extra[t.more[i]-1]
}

func (t *rows) catchAll(i int) bool {
	x := t.other(i)
	return x != nil && x.catchAll
}

// sameData reports whether two elements of a map give the same.
func (t *rows) sameData(i, j int) bool {
	if string(t.rowData(i)) != string(t.rowData(j)) {
		return false
	}
	x, y := t.other(i), t.other(j)
	if x == nil || x.data == nil || y == nil || y.data == nil {
		return (x == nil || x.data == nil) == (y == nil || y.data == nil)
	}
	return x.names() == y.names() && string(appendData(nil, x.data, true)) == string(appendData(nil, y.data, true))
}

// names is what the data of a map names.
type names struct {
	isVerdict bool
	verdict   nf.Verdict
	to        *chainState
	object    string
}

func (x *extra) names() names {
	switch d := x.data.(type) {
	case *verdictVal:
		return names{isVerdict: true, verdict: d.verdict, to: d.to}
	case *objectName:
		return names{object: d.name}
	}
	return names{}
}

// truncate forgets all rows but the first n.
func (t *rows) truncate(n int) {
	if t == nil {
		return
	}
	t.bytes, t.at, t.more = t.bytes[:n*t.stride()], t.at[:n], t.more[:min(n, len(t.more))]
	t.place = t.place[:min(n, len(t.place))]
	for len(t.dead) > n {
		if last := len(t.dead) - 1; t.dead[last] {
			t.revive(last)
		}
		t.dead = t.dead[:len(t.dead)-1]
	}
}

// move puts row i in the place of row j, which is not behind it.
func (t *rows) move(i, j int) {
	if i == j {
		return
	}
	t.place = t.place[:min(j, len(t.place))]
	copy(t.whole(j), t.whole(i))
	t.at[j] = t.at[i]
	if j < len(t.more) {
		t.more[j] = 0
	}
	if i < len(t.more) {
		t.more[j] = t.more[i]
	}
}

// part gives a copy of some rows.
func (t *rows) part(from, to int) *rows {
	p := *t
	n := t.stride()
	p.bytes, p.at, p.known = slices.Clone(t.bytes[from*n:to*n]), slices.Clone(t.at[from:to]), nil
	p.more = slices.Clone(t.more[min(from, len(t.more)):min(to, len(t.more))])
	p.place, p.dead, p.gone = nil, nil, 0
	return &p
}

// copyRow appends a row of other rows, which share the extra.
func (t *rows) copyRow(from *rows, i int) {
	t.bytes, t.at = append(t.bytes, from.whole(i)...), append(t.at, from.at[i])
	if i < len(from.more) && from.more[i] != 0 {
		t.setMore(from.more[i])
	}
}

// setMore notes an extra of the last row.
func (t *rows) setMore(n uint32) {
	for len(t.more) < len(t.at) {
		t.more = append(t.more, 0)
	}
	t.more[len(t.at)-1] = n
}

// verdicts gives the verdicts of a verdict map, one that rows share once.
func (t *rows) verdicts() iter.Seq[*verdictVal] {
	return func(yield func(*verdictVal) bool) {
		if t == nil {
			return
		}
		seen := make([]bool, len(t.extra))
		for i, n := range t.more {
			if n == 0 || seen[n-1] || t.isDead(i) {
				continue
			}
			seen[n-1] = true
			if v, ok := t.extra[n-1].data.(*verdictVal); ok && !yield(v) {
				return
			}
		}
	}
}
