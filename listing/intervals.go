package listing

import (
	"bytes"
	"math/big"
	"sort"

	"nfvm/bytecode"
	"nfvm/datatype"
)

// intervals joins the starts and ends of an interval set.
func (sh *setShape) intervals() []element {
	type bound struct {
		at []byte
		el *bytecode.Element
	}
	var bounds []bound
	var all *element
	for i := range sh.set.Elements {
		e := &sh.set.Elements[i]
		if e.CatchAll {
			all = &element{el: e}
			continue
		}
		// Names are compared from their first byte, numbers by value.
		at := e.Key
		if !sh.keys[0].typ.IsString() {
			at = sh.intervalOrder(e.Key)
		}
		bounds = append(bounds, bound{at, e})
	}
	sort.SliceStable(bounds, func(i, j int) bool {
		if c := bytes.Compare(bounds[i].at, bounds[j].at); c != 0 {
			return c < 0
		}
		return bounds[i].el.IntervalEnd && !bounds[j].el.IntervalEnd
	})
	var out []element
	for i, b := range bounds {
		if b.el.IntervalEnd {
			continue
		}
		hi := mask(8 * len(b.at))
		if len(b.el.KeyEnd) > 0 {
			hi = new(big.Int).SetBytes(sh.intervalOrder(b.el.KeyEnd))
		} else if i+1 < len(bounds) {
			hi = new(big.Int).SetBytes(bounds[i+1].at)
			hi.Sub(hi, big.NewInt(1))
		}
		out = append(out, element{el: b.el, key: sh.interval(b.at, hi)})
	}
	if all != nil {
		out = append(out, *all)
	}
	return out
}

// intervalOrder is a key as a number: interval sets hold them big endian.
func (sh *setShape) intervalOrder(key []byte) []byte { return key }

func (sh *setShape) interval(lo []byte, hi *big.Int) *node {
	t := sh.keys[0].typ
	if t.IsString() {
		return namePrefix(lo, hi, t)
	}
	bits := 8 * len(lo)
	if sh.shift > 0 {
		hi = new(big.Int).Rsh(hi, uint(sh.shift))
	}
	from := new(big.Int).Rsh(new(big.Int).SetBytes(lo), uint(sh.shift))
	return interval(number(from, bits, t, datatype.BigEndian), number(hi, bits, t, datatype.BigEndian))
}

// interval is the range lo-hi as nft prints it: one value, a prefix where the
// type has prefixes, or a range.
func interval(lo, hi *node) *node {
	if lo.kind == kindString {
		return namePrefix(lo.raw, new(big.Int).SetBytes(hi.raw), lo.typ)
	}
	a, b := lo.big(), hi.big()
	if a.Cmp(b) == 0 {
		return lo
	}
	if bits, ok := rangePrefix(a, b, lo.bits); ok && hasPrefixes(lo.typ) {
		return &node{kind: kindPrefix, left: lo, off: bits}
	}
	return &node{kind: kindRange, left: lo, right: hi}
}

// namePrefix is an interval of names: all that begin with the same bytes.
func namePrefix(lo []byte, hi *big.Int, t *datatype.Type) *node {
	n := &node{kind: kindString, raw: lo, typ: t}
	if hi.Cmp(new(big.Int).SetBytes(lo)) != 0 {
		end := len(lo)
		for end > 0 && lo[end-1] == 0 {
			end--
		}
		n.raw = lo[:end]
	}
	return n
}

// rangePrefix is the prefix length of a range of width bits that is a prefix.
func rangePrefix(lo, hi *big.Int, bits int) (int, bool) {
	x := new(big.Int).Xor(lo, hi)
	n := x.BitLen()
	if x.Cmp(mask(n)) != 0 || new(big.Int).And(lo, x).Sign() != 0 || n > bits {
		return 0, false
	}
	return bits - n, true
}

// hasPrefixes tells whether ranges of a type are printed as prefixes.
func hasPrefixes(t *datatype.Type) bool {
	switch t.ID {
	case datatype.IDIPv4Addr, datatype.IDIPv6Addr, datatype.IDMark:
		return true
	}
	return false
}
