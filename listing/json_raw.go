package listing

import "math/big"

// rawBits reads `raw & mask`, shifted down or not, as the bits of the packet
// that it selects, which is how nft 1.1 writes them in JSON; its text keeps the
// mask. The second result is how far the constants compared stand too high.
func rawBits(n *node) (*node, int) {
	shift := -1
	if n.kind == kindBinop && n.op == ">>" && n.right.kind == kindValue {
		shift = int(n.right.big().Int64())
		n = n.left
	}
	if n.kind != kindBinop || n.op != "&" || n.right.kind != kindValue {
		return nil, 0
	}
	load, m := n.left, n.right.big()
	if load.kind != kindPayload || load.field != nil || m.Sign() == 0 {
		return nil, 0
	}
	low := int(m.TrailingZeroBits())
	width := m.BitLen() - low
	if new(big.Int).Rsh(m, uint(low)).Cmp(mask(width)) != 0 || shift >= 0 && shift != low {
		return nil, 0
	}
	out := clone(load)
	out.off, out.bits = load.off+load.bits-m.BitLen(), width
	if shift >= 0 {
		low = 0
	}
	return out, low
}

// rawMatch is a match of raw bits in that form; others stay as they are.
func rawMatch(s *stmt) *stmt {
	bits, low := rawBits(s.left)
	if bits == nil || s.left.op == "&" && (s.right.kind != kindValue || bits.off == s.left.left.off) {
		return s // nor does nft where the bits begin with a byte
	}
	out := *s
	out.left = bits
	if v := s.right; v.kind == kindValue {
		out.right = number(new(big.Int).Rsh(v.big(), uint(low)), v.bits, v.typ, v.order)
	}
	return &out
}

// rawParts does the same with the parts of a concatenation.
func rawParts(parts []*node) []*node {
	out := append([]*node(nil), parts...)
	for i, x := range out {
		if bits, low := rawBits(x); bits != nil && low == 0 {
			out[i] = bits
		}
	}
	return out
}

// rawWrite reads a write of raw bits, kept as `load & mask | value`: the bits
// and what is written, nil if it is none.
func rawWrite(s *stmt) (bits, val *node) {
	keep, v := s.right, new(big.Int)
	if s.left.kind != kindPayload || s.left.field != nil || keep.kind != kindBinop {
		return nil, nil
	}
	if keep.op == "|" && keep.right.kind == kindValue && keep.left.kind == kindBinop {
		keep, v = keep.left, keep.right.big()
	}
	if keep.op != "&" || keep.right.kind != kindValue || !samePlace(keep.left, s.left) {
		return nil, nil
	}
	m := new(big.Int).AndNot(mask(s.left.bits), keep.right.big())
	m.Or(m, v) // the mask keeps the bits that are set anyway
	bits, low := rawBits(&node{kind: kindBinop, op: "&", left: s.left, right: number(m, s.left.bits, xinteger, s.left.order)})
	if bits == nil {
		return nil, nil
	}
	return bits, number(v.Rsh(v, uint(low)), bits.bits, xinteger, s.left.order)
}
