package listing

import (
	"math/big"

	"nfvm/datatype"
)

// changedField writes the new value of a field of which some bits stay: `f &
// keep | val`.
func changedField(f *node, keep, val *big.Int, low int) *node {
	field := func(v *big.Int) *node {
		v = new(big.Int).Rsh(v, uint(low))
		return number(v.And(v, mask(f.bits)), f.bits, f.typ, datatype.BigEndian)
	}
	n, all := f, mask(f.bits)
	if kept := field(new(big.Int).Or(keep, val)); kept.big().Cmp(all) != 0 {
		n = &node{kind: kindBinop, op: "&", left: n, right: kept, typ: f.typ, order: f.order, bits: f.bits}
	}
	if val.Sign() != 0 {
		n = &node{kind: kindBinop, op: "|", left: n, right: field(val), typ: f.typ, order: f.order, bits: f.bits}
	}
	return n
}

// coveringField finds the field within load that holds all bits of m, and how
// many bits of the load lie below it.
func (c *context) coveringField(load *node, m *big.Int) (*node, int) {
	if load.bits > 128 || m.Sign() == 0 {
		return nil, 0
	}
	for hi := m.BitLen(); hi <= load.bits; hi++ {
		for low := int(m.TrailingZeroBits()); low >= 0; low-- {
			f, _ := c.trim(load, new(big.Int).Lsh(mask(hi-low), uint(low)))
			if f != nil {
				return f, low
			}
		}
	}
	return nil, 0
}
