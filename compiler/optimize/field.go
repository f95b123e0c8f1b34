package optimize

import (
	"cmp"
	"slices"

	"nfvm/bytecode"
)

// A field is what loads read, whatever register they put it into. Of payload
// nft joins neighbours into one load: `ip saddr 10.0.0.1 ip daddr 10.0.0.2`
// is a load of 8 bytes.
type field struct {
	kind   uint8 // 0 payload, 1 meta, 2 ct
	base   uint8 // or the key
	dir    int8
	whole  uint8
	off, n uint32
}

// fields are those that the rules of a chain ask for, in order of appearance.
type fields struct {
	list    []field
	numbers map[field]int
}

// maxFields bounds them; a chain that asks for more gets no index for the rest.
const maxFields = 256

// fieldOf gives the field that an expression loads.
func fieldOf(e bytecode.Expr) (x field) {
	switch e := e.(type) {
	case *bytecode.Payload:
		x = field{kind: 0, base: uint8(e.Base), whole: e.Whole, off: e.Offset, n: e.Len}
	case *bytecode.Meta:
		x = field{kind: 1, base: uint8(e.Key)}
	case *bytecode.CT:
		x = field{kind: 2, base: uint8(e.Key), dir: e.Dir}
	}
	return x
}

// number gives the number of a field in the chain, or -1.
func (f *fields) number(x field) int {
	n, known := f.numbers[x]
	if known {
		return n
	}
	if len(f.list) == maxFields {
		return -1
	}
	if f.numbers == nil {
		f.numbers = make(map[field]int)
	}
	n = len(f.list)
	f.numbers[x] = n
	f.list = append(f.list, x)
	return n
}

// load is the expression that loads a field into register 1.
func (x field) load() bytecode.Expr {
	switch x.kind {
	case 0:
		return &bytecode.Payload{Base: bytecode.PayloadBase(x.base), Offset: x.off, Len: x.n, Whole: x.whole, DReg: bytecode.Reg1}
	case 1:
		return &bytecode.Meta{Key: bytecode.MetaKey(x.base), DReg: bytecode.Reg1}
	}
	return &bytecode.CT{Key: bytecode.CTKey(x.base), Dir: x.dir, DReg: bytecode.Reg1}
}

// A part is a field, or a piece of one that no other field cuts, and how many
// rules ask for it.
type part struct {
	field
	uses int
}

// key gives the loads of an index: of what is used often enough, as much as a
// key can hold, the most used first.
func (f *fields) key(uses []int, least int) []bytecode.Expr {
	var parts []part
	for i, x := range f.list {
		if uses[i] == 0 {
			continue
		}
		for _, piece := range f.cut(x, uses) {
			parts = addPart(parts, part{piece, uses[i]})
		}
	}
	parts = slices.DeleteFunc(parts, func(p part) bool { return p.uses < least })
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.uses, a.uses) })
	var key []bytecode.Expr
	size := uint32(0)
	for _, p := range parts {
		e := p.load()
		n := keyLen(e)
		if len(key) < bytecode.MaxDispatchLoads && size+n <= bytecode.MaxDispatchKey {
			key, size = append(key, e), size+n
		}
	}
	return key
}

// keyLen is at least the size of what an expression loads.
func keyLen(e bytecode.Expr) uint32 {
	switch e := e.(type) {
	case *bytecode.Payload:
		return e.Len
	case *bytecode.Meta:
		return e.Key.Len()
	case *bytecode.CT:
		return e.Key.Len(0)
	}
	return 0
}

// addPart adds the uses of a part to those of an equal one.
func addPart(parts []part, p part) []part {
	for i := range parts {
		if parts[i].field == p.field {
			parts[i].uses += p.uses
			return parts
		}
	}
	return append(parts, p)
}

// cut gives the pieces of a field where others in use begin or end inside it.
func (f *fields) cut(x field, uses []int) []field {
	if x.kind != 0 {
		return []field{x}
	}
	at := []uint32{x.off, x.off + x.n}
	for i, y := range f.list {
		if uses[i] == 0 || y.kind != 0 || y.base != x.base || y.whole != x.whole {
			continue
		}
		for _, edge := range []uint32{y.off, y.off + y.n} {
			if edge > x.off && edge < x.off+x.n {
				at = append(at, edge)
			}
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	var out []field
	for i := range len(at) - 1 {
		piece := x
		piece.off, piece.n = at[i], at[i+1]-at[i]
		out = append(out, piece)
	}
	return out
}
