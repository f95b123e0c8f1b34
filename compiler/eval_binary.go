package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
)

var binaryOps = [...]bytecode.BitwiseOp{
	lang.OpAnd: bytecode.BitwiseAnd, lang.OpOr: bytecode.BitwiseOr, lang.OpXor: bytecode.BitwiseXor,
	lang.OpLshift: bytecode.BitwiseLshift, lang.OpRshift: bytecode.BitwiseRshift,
}

// binary evaluates `l op r` and computes it if both are constant.
func (r *rule) binary(e *lang.Binary, want info) expr {
	op := binaryOps[e.Op]
	left := r.eval(e.Left, want)
	if left == nil {
		return nil
	}
	ctx := contextOf(left)
	if want.typ != nil && isConstant(left) {
		ctx = want
	}
	widen := want.typ != nil && want.width > left.inf().width && (left.inf().order == datatype.HostEnd || left.inf().width <= 8)
	if widen && !isConstant(left) {
		ctx = want
	}
	if isShift(op) {
		return r.shift(e, op, left, max(left.inf().width, ctx.width, want.width), ctx)
	}
	right := r.eval(e.Right, ctx)
	if right == nil {
		return nil
	}
	a, ok1 := left.(*constant)
	b, ok2 := right.(*constant)
	if ok1 && ok2 {
		i := a.info
		i.at = e.Span
		return &constant{info: i, val: fold(op, a.val, b.val)}
	}
	if isConstant(left) && ok1 {
		left, right = right, left
	}
	if !r.bitOperand(left, e.Left.At()) || !r.bitOperand(right, e.Right.At()) {
		return nil
	}
	i := *left.inf()
	i.at = e.Span
	if widen && i.width <= 8 {
		i.order = datatype.HostEnd // one byte, the low one of a register
	}
	if c, ok := right.(*constant); ok {
		c.order = i.order
	} else if !widen || left.inf().width > 8 {
		right = r.inOrder(right, left.inf().order)
	}
	i.width = max(i.width, ctx.width)
	if w := right.inf().width; w > i.width && !isConstant(right) {
		i.width = w
	}
	return &binop{info: i, op: op, left: left, right: right, as: ctx}
}

// bitOperand refuses what bits can't be computed with.
func (r *rule) bitOperand(e expr, at span) bool {
	switch e.(type) {
	case *prefixVal, *rangeVal, *concat, *setRef, *verdictVal, *objectName:
		r.errorf(at, "Binary operation is undefined for this kind of value")
		return false
	}
	if t := e.inf().typ; t != nil && t.IsString() {
		r.errorf(at, "Binary operation is undefined for %s types", t.Desc)
		return false
	}
	return true
}

func fold(op bytecode.BitwiseOp, a, b num) num {
	switch op {
	case bytecode.BitwiseAnd:
		return a.and(b)
	case bytecode.BitwiseOr:
		return a.or(b)
	case bytecode.BitwiseXor:
		return a.xor(b)
	case bytecode.BitwiseLshift:
		return a.shl(int(b.lo))
	}
	return a.shr(int(b.lo))
}

// shift evaluates `l << n` and `l >> n` within width bits, which may be more
// than l has; the register must be in host order.
func (r *rule) shift(e *lang.Binary, op bytecode.BitwiseOp, left expr, width int, ctx info) expr {
	n := r.eval(e.Right, info{typ: datatype.Integer, order: datatype.HostEnd, width: 32})
	if n == nil {
		return nil
	}
	c, ok := n.(*constant)
	if !ok {
		r.errorf(e.Right.At(), "Right hand side of binary operation (%s) must be constant", e.Op)
		return nil
	}
	if c.val.hi != 0 || c.val.lo >= uint64(width) {
		side := "Left"
		if op == bytecode.BitwiseRshift {
			side = "Right"
		}
		r.errorf(e.Right.At(), "%s shift of %s bits is undefined for type of %d bits width", side, c.val, width).Note(e.Left.At(), "")
		return nil
	}
	if v, ok := left.(*constant); ok {
		i := v.info
		i.at = e.Span
		out := fold(op, v.val, c.val)
		if i.width > 0 {
			out = out.and(ones(i.width))
		}
		return &constant{info: i, val: out}
	}
	if !r.bitOperand(left, e.Left.At()) {
		return nil
	}
	left = r.inOrder(left, datatype.HostEnd)
	i := *left.inf()
	i.at, i.order = e.Span, datatype.HostEnd
	i.width = width
	return &binop{info: i, op: op, left: left, right: c, as: ctx}
}

// inOrder converts an expression to a byte order: constants are only marked,
// others are swapped in their register.
func (r *rule) inOrder(e expr, order datatype.Byteorder) expr {
	i := e.inf()
	if i.order == order || order == datatype.Invalid {
		return e
	}
	switch c := e.(type) {
	case *constant:
		d := *c
		d.order = order
		return &d
	case *prefixVal:
		d := *c
		d.addr = r.inOrder(c.addr, order).(*constant)
		d.order = order
		return &d
	case *rangeVal:
		d := *c
		d.from = r.inOrder(c.from, order).(*constant)
		d.to = r.inOrder(c.to, order).(*constant)
		d.order = order
		return &d
	case *packedKey:
		return r.inOrder(c.unpack(), order)
	case *concat:
		return e
	}
	if i.order == datatype.Invalid || i.typ != nil && i.typ.IsString() || i.width <= 8 {
		return e
	}
	return swapped(e, order)
}

// rangeOrder brings the key of a lookup in a set with intervals to network
// order, in which ranges compare; each part of a concatenation by itself.
func (r *rule) rangeOrder(e expr) expr {
	c, ok := e.(*concat)
	if !ok {
		return r.inOrder(e, datatype.BigEndian)
	}
	out := *c
	out.parts = append([]expr(nil), c.parts...)
	for i, p := range out.parts {
		j := p.inf()
		if j.order == datatype.HostEnd && (j.width > 8 || j.typ != datatype.Boolean) && (j.typ == nil || !j.typ.IsString()) {
			out.parts[i] = swapped(p, datatype.BigEndian)
		}
	}
	return &out
}

// swapped makes the conversion of a register to a byte order.
func swapped(e expr, order datatype.Byteorder) expr {
	j := *e.inf()
	j.order = order
	op := bytecode.NtoH
	if order == datatype.BigEndian {
		op = bytecode.HtoN
	}
	return &swap{info: j, op: op, arg: e}
}

// contextOf is what a constant that is compared or combined with e must be.
func contextOf(e expr) info {
	switch e := e.(type) {
	case *binop:
		i := e.as
		i.order = e.order
		return i
	case *swap:
		i := contextOf(e.arg)
		i.order = e.order
		return i
	}
	i := *e.inf()
	return i
}
