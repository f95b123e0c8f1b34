package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
)

// Bit operations that can be undone on a constant are taken away from the
// packet's side: (x ^ 3) == 1 becomes x == 2, (x & 0xfc) >> 2 == 1 becomes
// x & 0xfc == 4. So the packet is only masked.

// transfer applies to c the inverse of the last operation on the left side.
func (r *rule) transfer(rel *relation, c *constant) expr {
	b, n := undoable(rel.left)
	if b == nil {
		return c
	}
	out := *c
	out.width = b.left.inf().width
	switch b.op {
	case bytecode.BitwiseXor:
		out.val = out.val.xor(n)
	case bytecode.BitwiseLshift:
		if !out.val.isZero() && out.val.trailing() < int(n.lo) {
			r.errorf(c.at, "Comparison is always false").Note(b.left.inf().at, "")
			return nil
		}
		out.val = out.val.shr(int(n.lo))
	case bytecode.BitwiseRshift:
		// nft compares all bits that were there before the shift, with those
		// that it dropped: the kernel refuses more than was loaded.
		if w := b.left.inf().width; !b.cut && words(b.as.width+int(n.lo)) > words(w) {
			r.refuse(c.at, enodata, "a value of %d bits is compared after a shift by %s", w, n).Note(b.at, "")
			return nil
		}
		if out.val.bitLen()+int(n.lo) > out.width {
			r.errorf(c.at, "Comparison is always false").Note(b.left.inf().at, "")
			return nil
		}
		out.val = out.val.shl(int(n.lo))
	}
	return &out
}

// transferRange does the same for both ends; only shifts keep the order.
func (r *rule) transferRange(rel *relation, g *rangeVal) expr {
	if b, _ := undoable(rel.left); b == nil || !isShift(b.op) {
		return g
	}
	from, to := r.transfer(rel, g.from), r.transfer(rel, g.to)
	if from == nil || to == nil {
		return nil
	}
	out := *g
	out.from, out.to = from.(*constant), to.(*constant)
	out.width = out.from.width
	strip(rel)
	return &out
}

// anyRange tells whether a key is a range. What is one byte or in
// host order is then shifted down, others would need another byte order first;
// other operations do not keep the order.
func anyRange(els []elem) bool {
	for i := range els {
		if els[i].key != nil && hasRange(els[i].key) {
			return true
		}
	}
	return false
}

// transferSet does the same for the elements of an anonymous set.
func (r *rule) transferSet(rel *relation, els []elem) bool {
	b, _ := undoable(rel.left)
	if b == nil || anyRange(els) && (!isShift(b.op) || b.width <= 8 || b.order == datatype.HostEnd) {
		return true
	}
	for i := range els {
		switch k := els[i].key.(type) {
		case *constant:
			x := r.transfer(rel, k)
			if x == nil {
				return false
			}
			els[i].key = x
		case *rangeVal:
			from, to := r.transfer(rel, k.from), r.transfer(rel, k.to)
			if from == nil || to == nil {
				return false
			}
			g := *k
			g.from, g.to, g.width = from.(*constant), to.(*constant), from.inf().width
			els[i].key = &g
		}
	}
	strip(rel)
	return true
}

// loadedWidth is the width of a key whose bits are compared in their place: that
// of what is loaded, which may take more bytes than the field would (ip6 dscp).
func loadedWidth(left expr, key info) int {
	if b, ok := left.(*binop); ok && b.op == bytecode.BitwiseAnd && b.width > key.width {
		return b.width
	}
	return key.width
}

// undoable gives the outermost operation of e and its constant if it can be
// undone on a constant.
func undoable(e expr) (*binop, num) {
	b, ok := e.(*binop)
	if !ok {
		return nil, num{}
	}
	c, ok := b.right.(*constant)
	if !ok || b.op != bytecode.BitwiseXor && !isShift(b.op) {
		return nil, num{}
	}
	return b, c.val
}

// strip removes from the left side what transfer moved to the right. The bits
// that a right shift dropped are masked out where nothing else did.
func strip(rel *relation) {
	b, n := undoable(rel.left)
	if b == nil {
		return
	}
	rel.left = b.left
	if b.op != bytecode.BitwiseRshift || n.isZero() {
		return
	}
	i := *b.left.inf()
	low := ones(int(n.lo))
	if and, ok := b.left.(*binop); ok && and.op == bytecode.BitwiseAnd {
		if c, ok := and.right.(*constant); ok && c.val.and(low).isZero() {
			return
		}
	}
	mask := &constant{info: i, val: ones(i.width).and(low.not())}
	rel.left = &binop{info: i, op: bytecode.BitwiseAnd, left: b.left, right: mask, as: i}
}
