package datatype

import "strings"

// concatBits is the width of one field's number in a concatenation's number
// (nftables, TYPE_BITS).
const concatBits = 6

// ByID finds a type by nft's number; the number of a concatenation gives a
// type with Fields. Unknown numbers give nil.
func ByID(id uint32) *Type {
	if id < 1<<concatBits {
		return byID[id]
	}
	var fields []*Type
	for ; id != 0; id >>= concatBits {
		t := byID[id&(1<<concatBits-1)]
		if t == nil {
			return nil
		}
		fields = append([]*Type{t}, fields...)
	}
	return Concat(fields...)
}

// Concat makes the type of a concatenation. Its size counts each field padded
// to 32 bits, as in registers. More than five fields have no number of their
// own: ID then holds the last ones, as in nft.
func Concat(fields ...*Type) *Type {
	if len(fields) == 1 {
		return fields[0]
	}
	t := &Type{Byteorder: BigEndian, Fields: fields}
	names, descs := make([]string, len(fields)), make([]string, len(fields))
	for i, f := range fields {
		t.ID = t.ID<<concatBits | f.ID
		t.Size += (f.Size + 31) / 32 * 32
		names[i], descs[i] = f.Name, f.Desc
	}
	t.Name = strings.Join(names, " . ")
	t.Desc = "concatenation of (" + strings.Join(descs, ", ") + ")"
	return t
}
