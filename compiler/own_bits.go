package compiler

import "nfvm/bytecode"

// ownBits finds in val the field p itself, changed by constants only, as in `ip
// dscp set ip dscp & 0x3c | 0x1`: then the new value is (old & kept) ^ set.
func ownBits(val expr, p *payload) (kept, set num, ok bool) {
	b, isOp := val.(*binop)
	if !isOp || p.field == nil {
		return kept, set, false
	}
	if f := shiftedField(b); f != nil && f.desc == p.desc && f.field == p.field {
		return ones(p.width), num{}, true
	}
	c, isConst := b.right.(*constant)
	if !isConst {
		return kept, set, false
	}
	if f, whole := b.left.(*payload); whole && f.desc == p.desc && f.field == p.field && f.width == p.width {
		kept, ok = ones(p.width), true
	} else {
		kept, set, ok = ownBits(b.left, p)
	}
	v := c.val.and(ones(p.width))
	switch b.op {
	case bytecode.BitwiseAnd:
		return kept.and(v), set.and(v), ok
	case bytecode.BitwiseOr:
		none := ones(p.width).xor(v)
		return kept.and(none), set.and(none).or(v), ok
	case bytecode.BitwiseXor:
		return kept, set.xor(v), ok
	}
	return kept, set, false
}

// shiftedField gives the field whose bits were masked and shifted into place,
// or nil.
func shiftedField(b *binop) *payload {
	if b.op == bytecode.BitwiseRshift {
		if inner, ok := b.left.(*binop); ok {
			b = inner
		}
	}
	if s, ok := b.left.(*swap); ok {
		b = &binop{op: b.op, left: s.arg, right: b.right}
	}
	f, ok := b.left.(*payload)
	if !ok || b.op != bytecode.BitwiseAnd || f.field == nil || f.width == f.field.Len {
		return nil
	}
	return f
}
