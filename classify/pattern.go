package classify

import (
	"bytes"
	"slices"

	"nfvm/bytecode"
)

// A pattern is a demand on the bytes that a test reads.
type pattern struct{ mask, val []byte }

// maxFlags is the number of bits up to which a test for inequality becomes
// patterns, one for each bit that may differ.
const maxFlags = 4

// patterns gives what a test asks of the bytes it reads: one of several
// patterns at least holds where the test passes. ok is false for a test that
// can't be put so, or not with at most room patterns.
func patterns(t *bytecode.Table, e bytecode.Expr, cells []cell, room int) (list []pattern, ok bool) {
	switch e := e.(type) {
	case *bytecode.Cmp:
		return comparison(e, cells)
	case *bytecode.Range:
		return cover(e.From, e.To), e.Op == bytecode.CmpEq
	case *bytecode.Lookup:
		s := t.SetByID(e.SetID)
		if e.Invert || s == nil || s.Len() > room || !Constant(s) {
			return nil, false
		}
		return members(s)
	}
	return nil, false
}

// Constant reports whether the elements of a set are those of its declaration
// for ever.
func Constant(s *bytecode.Set) bool {
	const constant, changing = bytecode.SetAnonymous | bytecode.SetConstant, bytecode.SetTimeout | bytecode.SetEval
	return s.Flags&constant == constant && s.Flags&changing == 0
}

// Stateful reports whether finding an element of a set may leave a trace.
func Stateful(s *bytecode.Set) bool {
	return len(s.Exprs) > 0 || slices.ContainsFunc(s.List(), func(e bytecode.Element) bool { return len(e.Exprs) > 0 })
}

var ones = bytes.Repeat([]byte{0xff}, bytecode.RegBytes)

// Filled with one kind of byte, the lowest and the highest value.
func lowest(n int) []byte  { return make([]byte, n) }
func highest(n int) []byte { return ones[:n] }

func comparison(e *bytecode.Cmp, cells []cell) ([]pattern, bool) {
	n := len(e.Data)
	switch e.Op {
	case bytecode.CmpEq:
		return []pattern{{ones[:n], e.Data}}, true
	case bytecode.CmpNeq:
		return differing(e.Data, cells)
	case bytecode.CmpLt, bytecode.CmpLte: // one too many does no harm
		return cover(lowest(n), e.Data), true
	}
	return cover(e.Data, highest(n)), true
}

// differing gives a pattern for each bit in which a value may differ from data.
func differing(data []byte, cells []cell) (list []pattern, ok bool) {
	for i, c := range cells {
		m := c.mask
		switch {
		case c.load == isUnknown:
			return nil, false
		case c.load == isConst:
			m = 0
		}
		if (c.xor^data[i])&^m != 0 {
			return nil, false // it always differs
		}
		for bit := byte(1); bit != 0; bit <<= 1 {
			if m&bit == 0 {
				continue
			}
			if len(list) == maxFlags {
				return nil, false
			}
			p := pattern{make([]byte, len(data)), make([]byte, len(data))}
			p.mask[i], p.val[i] = bit, ^data[i]&bit
			list = append(list, p)
		}
	}
	return list, true
}

// cover gives at most two prefixes that hold every value of a range.
func cover(from, to []byte) []pattern {
	bit := func(b []byte, i int) byte { return b[i/8] >> (7 - i%8) & 1 }
	n := len(from) * 8
	common := 0
	for common < n && bit(from, common) == bit(to, common) {
		common++
	}
	if common == n {
		return []pattern{prefix(from, n)}
	}
	if bit(from, common) > bit(to, common) {
		return []pattern{prefix(from, 0)} // an empty range
	}
	lower, upper := common+1, common+1
	for lower < n && bit(from, lower) == 1 {
		lower++
	}
	for upper < n && bit(to, upper) == 0 {
		upper++
	}
	if wholeFrom(from, common) && wholeTo(to, common) {
		return []pattern{prefix(from, common)}
	}
	return []pattern{prefix(from, lower), prefix(to, upper)}
}

// wholeFrom reports whether a value has only zeros from bit i on, wholeTo only
// ones.
func wholeFrom(v []byte, i int) bool { return bytes.Equal(prefix(v, i).val, v) }

func wholeTo(v []byte, i int) bool {
	p := prefix(v, i)
	for j := range p.val {
		if p.val[j]|^p.mask[j] != v[j] {
			return false
		}
	}
	return true
}

// prefix is the pattern of the first n bits of a value.
func prefix(v []byte, n int) pattern {
	p := pattern{make([]byte, len(v)), make([]byte, len(v))}
	for i := range v {
		switch left := n - i*8; {
		case left >= 8:
			p.mask[i] = 0xff
		case left > 0:
			p.mask[i] = 0xff << (8 - left)
		}
		p.val[i] = v[i] & p.mask[i]
	}
	return p
}
