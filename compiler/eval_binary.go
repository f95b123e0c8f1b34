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

// binary evaluates `l op r` and computes it if both are constant. What a
// statement stores may be wider than what is computed with (r.stmtWidth): then
// the operation is on numbers in host order, of the width that is stored.
func (r *rule) binary(e *lang.Binary, want info) expr {
	op := binaryOps[e.Op]
	left := r.eval(e.Left, want)
	if left == nil {
		return nil
	}
	ctx := want
	if !isConstant(left) {
		ctx = contextOf(left)
	}
	if isShift(op) {
		return r.shift(e, op, left, ctx)
	}
	right := r.eval(e.Right, ctx)
	if right == nil {
		return nil
	}
	if isConstant(left) && !isConstant(right) {
		left, right = right, left
	}
	if right.inf().typ == datatype.Integer {
		ctx.typ = datatype.Integer // it may be a shift
	}
	if !r.bitOperands(e, left, right) {
		return nil
	}
	i := *left.inf()
	i.at, i.max = e.Span, 0
	if a, ok := left.(*constant); ok {
		return &constant{info: i, val: fold(op, a.val, right.(*constant).val)}
	}
	if r.stmtWidth > i.width {
		i.typ, i.order, i.width = datatype.Integer, datatype.HostEnd, r.stmtWidth
		left = r.inOrder(left, i.order)
	}
	if !isConstant(right) {
		ctx = contextOf(right)
	}
	return &binop{info: i, op: op, left: left, right: r.inOrder(right, i.order), as: ctx}
}

// bitOperands refuses what bits can't be computed with.
func (r *rule) bitOperands(e *lang.Binary, left, right expr) bool {
	for _, x := range []expr{left, right} {
		switch x.(type) {
		case *prefixVal, *rangeVal, *concat, *setRef, *verdictVal, *objectName:
			r.errorf(x.inf().at, "Binary operation (%s) is undefined for this kind of value", e.Op)
			return false
		}
	}
	a, b := left.inf().typ.Root(), right.inf().typ.Root()
	if a == b {
		return true
	}
	r.errorf(e.Left.At(), "Binary operation (%s) with different base types (%s vs %s) is not supported", e.Op, a.Name, b.Name).
		Note(e.Span, "")
	return false
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

// shift evaluates `l << n` and `l >> n`, which makes a plain number; the
// register must be in host order.
func (r *rule) shift(e *lang.Binary, op bytecode.BitwiseOp, left expr, ctx info) expr {
	width := max(r.stmtWidth, left.inf().width)
	most := max(r.stmtWidth, significant(left))
	as := info{typ: datatype.Integer, order: left.inf().order, width: max(ctx.width, left.inf().width)}
	n := r.eval(e.Right, as)
	if n == nil {
		return nil
	}
	c, ok := n.(*constant)
	if !ok {
		r.errorf(e.Right.At(), "Right hand side of binary operation (%s) must be constant", e.Op)
		return nil
	}
	if !r.bitOperands(e, left, n) {
		return nil
	}
	if c.val.hi != 0 || c.val.lo >= uint64(most) {
		side := "Left"
		if op == bytecode.BitwiseRshift {
			side = "Right"
		}
		r.errorf(e.Right.At(), "%s shift of %s bits is undefined for type of %d bits width", side, c.val, most).Note(e.Left.At(), "")
		return nil
	}
	i := info{typ: datatype.Integer, order: datatype.HostEnd, width: width, at: e.Span}
	if v, ok := left.(*constant); ok {
		i.order = v.order
		return &constant{info: i, val: fold(op, v.val, c.val).and(ones(width))}
	}
	return &binop{info: i, op: op, left: r.inOrder(left, datatype.HostEnd), right: c, as: as}
}

// significant is how many bits of a value there are for a shift: a field within
// its bytes ends where it does.
func significant(e expr) int {
	b, ok := e.(*binop)
	switch {
	case !ok || !b.cut:
		return e.inf().width
	case b.op == bytecode.BitwiseRshift:
		return b.as.width + int(b.right.(*constant).val.lo)
	}
	return b.as.width
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
