package classify

import (
	"bytes"
	"slices"

	"nfvm/bytecode"
)

// maxRangeFields bounds the fields of concatenations of ranges, because each
// may double the patterns of an element.
const maxRangeFields = 5

// members gives the patterns of the elements of a constant set.
func members(s *bytecode.Set) (list []pattern, ok bool) {
	elements := s.List()
	for i := range elements {
		if elements[i].CatchAll || !elements[i].IntervalEnd && len(elements[i].Key) != int(s.KeyLen) {
			return nil, false
		}
	}
	switch {
	case s.Flags&bytecode.SetInterval == 0:
		fields := fieldsOf(s)
		for i := range elements {
			list = append(list, fields.exact(elements[i].Key))
		}
		return list, true
	case len(s.FieldLens) > 1 || s.Flags&bytecode.SetConcat != 0:
		if len(s.FieldLens) > maxRangeFields {
			return nil, false
		}
		return concatenations(s, elements), true
	}
	return intervals(s, elements)
}

// intervals gives those of a set of one field: an element holds from its key to
// the one before the next key.
func intervals(s *bytecode.Set, elements []bytecode.Element) (list []pattern, ok bool) {
	byKey := func(a, b bytecode.Element) int { return bytes.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(elements, byKey) {
		elements = slices.SortedFunc(slices.Values(elements), byKey)
	}
	for i := range elements {
		e := &elements[i]
		to := highest(int(s.KeyLen))
		if i+1 < len(elements) {
			if bytes.Equal(e.Key, elements[i+1].Key) {
				return nil, false
			}
			to = before(elements[i+1].Key)
		}
		switch {
		case e.KeyEnd != nil || len(e.Key) != int(s.KeyLen):
			return nil, false
		case !e.IntervalEnd:
			list = append(list, cover(e.Key, to)...)
		}
	}
	return list, true
}

// before is the key one below a key that is not the lowest.
func before(key []byte) []byte {
	k := bytes.Clone(key)
	for i := len(k) - 1; i >= 0; i-- {
		if k[i]--; k[i] != 0xff {
			break
		}
	}
	return k
}

// fields are the lengths of the fields of a key, each padded to 4 bytes.
type fields struct {
	lens []uint32
	n    int
}

func fieldsOf(s *bytecode.Set) fields {
	if len(s.FieldLens) > 0 {
		return fields{s.FieldLens, int(s.KeyLen)}
	}
	return fields{[]uint32{s.KeyLen}, int(s.KeyLen)}
}

// exact is the pattern of a key, whose padding is left out.
func (f fields) exact(key []byte) pattern {
	p := pattern{make([]byte, f.n), key}
	at := 0
	for _, n := range f.lens {
		copy(p.mask[min(at, f.n):], ones[:n])
		at += int(n+3) &^ 3
	}
	return p
}

// concatenations gives the patterns of elements of which each field is a range.
func concatenations(s *bytecode.Set, elements []bytecode.Element) (list []pattern) {
	f := fieldsOf(s)
	for i := range elements {
		e := &elements[i]
		to := e.KeyEnd
		if to == nil {
			to = e.Key
		}
		alternatives := []pattern{{make([]byte, f.n), make([]byte, f.n)}}
		at := 0
		for _, n := range f.lens {
			end := min(at+int(n), f.n)
			alternatives = within(alternatives, at, cover(e.Key[at:end], to[at:end]))
			at += int(n+3) &^ 3
		}
		list = append(list, alternatives...)
	}
	return list
}

// within puts each of the patterns of a field into each of some keys' patterns.
func within(keys []pattern, at int, field []pattern) (out []pattern) {
	for _, k := range keys {
		for _, f := range field {
			p := pattern{bytes.Clone(k.mask), bytes.Clone(k.val)}
			copy(p.mask[at:], f.mask)
			copy(p.val[at:], f.val)
			out = append(out, p)
		}
	}
	return out
}
