package listing

import (
	"bytes"
	"math/big"
	"reflect"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
)

// regWords is the number of 4-byte registers.
const regWords = 16

// A reader evaluates a rule symbolically.
type reader struct {
	table *bytecode.Table
	regs  [regWords + 4]*node
	ctx   context
	stmts []*stmt
}

// parse turns a rule's expressions into statements.
func parse(t *bytecode.Table, exprs []bytecode.Expr, newer bool) []*stmt {
	r := &reader{table: t}
	r.ctx.newer = newer
	r.ctx.init(t.Family)
	for _, e := range exprs {
		r.expr(e)
	}
	var all, live []*stmt
	for _, s := range r.stmts {
		all = append(all, r.ctx.statement(s)...)
	}
	for _, s := range all {
		if !s.dead {
			live = append(live, s)
		}
	}
	return live
}

// get is the expression in a register, or an unknown value.
func (r *reader) get(reg bytecode.Reg) *node {
	if off, ok := reg.Offset(); ok {
		if n := r.regs[off/4]; n != nil {
			return clone(n)
		}
	}
	return value(make([]byte, 4))
}

func (r *reader) put(reg bytecode.Reg, n *node) {
	if off, ok := reg.Offset(); ok && n != nil {
		r.regs[off/4] = n
	}
}

// clone copies an expression, so that naming its fields in one statement does
// not change another.
func clone(n *node) *node {
	if n == nil {
		return nil
	}
	c := *n
	c.left, c.right = clone(n.left), clone(n.right)
	c.parts = nil
	for _, p := range n.parts {
		c.parts = append(c.parts, clone(p))
	}
	return &c
}

// words is the number of 4-byte registers that bits fill.
func words(bits int) int { return max(1, (bits+31)/32) }

// key is the expression in a register, or the concatenation that starts there
// when the register's own expression is shorter than bits.
func (r *reader) key(reg bytecode.Reg, bits int) *node {
	first := r.get(reg)
	off, ok := reg.Offset()
	if !ok || first.bits == 0 || 32*words(first.bits) >= bits {
		return first
	}
	c := &node{kind: kindConcat, bits: bits, order: datatype.BigEndian}
	for at := off / 4; bits > 0 && at < regWords; {
		part := clone(r.regs[at])
		if part == nil {
			part = value(make([]byte, 4))
		}
		c.parts = append(c.parts, part)
		at += words(part.bits)
		bits -= 32 * words(part.bits)
	}
	return c
}

func (r *reader) add(s *stmt) { r.stmts = append(r.stmts, s) }

// expr evaluates one expression.
func (r *reader) expr(e bytecode.Expr) {
	if in, ok := e.(*bytecode.Inner); ok {
		if n := r.innerNode(in); n != nil && r.load(in.Expr, n) {
			return
		}
	} else if n := loadNode(r.table.Family, e); n != nil && r.load(e, n) {
		return
	}
	switch e := e.(type) {
	case *bytecode.Cmp:
		r.cmp(e)
	case *bytecode.Range:
		left := r.get(e.SReg)
		r.add(&stmt{kind: stmtMatch, op: cmpOp(e.Op), left: left, src: e,
			right: &node{kind: kindRange, left: value(e.From), right: value(e.To)}})
	case *bytecode.Bitwise:
		r.bitwise(e)
	case *bytecode.Byteorder:
		r.byteorder(e)
	case *bytecode.Lookup:
		r.lookup(e)
	case *bytecode.Immediate:
		if e.DReg == bytecode.RegVerdict {
			r.add(&stmt{kind: stmtPlain, src: e})
		} else {
			r.put(e.DReg, value(e.Data))
		}
	default:
		r.action(e)
	}
}

// load puts an expression that fills a register there; false when it writes
// something instead.
func (r *reader) load(e bytecode.Expr, n *node) bool {
	var dreg bytecode.Reg
	switch e := e.(type) {
	case *bytecode.Payload:
		dreg = e.DReg
	case *bytecode.Exthdr:
		if e.SReg != 0 || e.Reset {
			return false
		}
		dreg = e.DReg
	case *bytecode.Meta:
		dreg = e.DReg
	case *bytecode.CT:
		dreg = e.DReg
	case *bytecode.Rt:
		dreg = e.DReg
	case *bytecode.Fib:
		dreg = e.DReg
	case *bytecode.Socket:
		dreg = e.DReg
	case *bytecode.Numgen:
		dreg = e.DReg
	case *bytecode.Hash:
		if !e.Symmetric {
			n.left = r.key(e.SReg, int(e.Len)*8)
		}
		dreg = e.DReg
	case *bytecode.OSF:
		dreg = e.DReg
	case *bytecode.Xfrm:
		dreg = e.DReg
	}
	r.put(dreg, n)
	return true
}

func cmpOp(o bytecode.CmpOp) string {
	ops := [...]string{"==", "!=", "<", "<=", ">", ">="}
	if int(o) < len(ops) {
		return ops[o]
	}
	return "=="
}

func (r *reader) cmp(e *bytecode.Cmp) {
	if r.closesRange(e) {
		return
	}
	left := r.key(e.SReg, len(e.Data)*8)
	right := value(e.Data)
	if left.kind == kindConcat {
		right = splitConcat(e.Data, left)
	}
	r.add(&stmt{kind: stmtMatch, op: cmpOp(e.Op), left: left, right: right, src: e})
}

// closesRange joins `>= from` and a following `<= to` on the same value into a
// range, also where a person wrote two matches. nft does so even where the range
// is empty, which it cannot read.
func (r *reader) closesRange(e *bytecode.Cmp) bool {
	if len(r.stmts) == 0 || e.Op != bytecode.CmpLte {
		return false
	}
	s := r.stmts[len(r.stmts)-1]
	from, ok := s.src.(*bytecode.Cmp)
	if !ok || bytes.Compare(from.Data, e.Data) > 0 || s.op != ">=" || from.SReg != e.SReg || len(from.Data) != len(e.Data) || s.right.kind != kindValue ||
		!reflect.DeepEqual(s.left, r.key(e.SReg, len(e.Data)*8)) {
		return false
	}
	s.op = "=="
	s.right = &node{kind: kindRange, left: s.right, right: value(e.Data)}
	return true
}

// splitConcat cuts data at the fields of a concatenation.
func splitConcat(data []byte, like *node) *node {
	c := &node{kind: kindConcat}
	for _, p := range like.parts {
		size := min((p.bits+7)/8, len(data))
		v := value(data[:size])
		setType(v, p.typ, p.order)
		c.parts = append(c.parts, v)
		data = data[min(4*words(p.bits), len(data)):]
	}
	return c
}

func (r *reader) bitwise(e *bytecode.Bitwise) {
	left := r.get(e.SReg)
	binop := func(op string, l, right *node) *node {
		return &node{kind: kindBinop, op: op, left: l, right: right, typ: l.typ, order: l.order, bits: l.bits}
	}
	switch e.Op {
	case bytecode.BitwiseLshift, bytecode.BitwiseRshift:
		op := "<<"
		if e.Op == bytecode.BitwiseRshift {
			op = ">>"
		}
		n := number(big.NewInt(int64(e.Shift)), 32, datatype.Integer, datatype.BigEndian)
		r.put(e.DReg, binop(op, left, n))
	case bytecode.BitwiseMaskXor:
		r.put(e.DReg, maskXor(left, e, binop))
	default:
		op := map[bytecode.BitwiseOp]string{bytecode.BitwiseAnd: "&", bytecode.BitwiseOr: "|", bytecode.BitwiseXor: "^"}[e.Op]
		right := value(e.Data)
		if e.SReg2 != 0 {
			right = r.get(e.SReg2)
		} else {
			setType(right, left.typ, left.order)
		}
		r.put(e.DReg, binop(op, left, right))
	}
}

// maskXor writes (left & mask) ^ xor with the operators that a person would
// have used.
func maskXor(left *node, e *bytecode.Bitwise, binop func(string, *node, *node) *node) *node {
	if 8*len(e.Mask) > 8*((left.bits+7)/8) {
		left.order = datatype.HostEnd // a narrow value in a wider register
	}
	m, x := value(e.Mask), value(e.Xor)
	m.order, x.order = left.order, left.order
	all := mask(8 * len(e.Mask))
	mv, xv := m.big(), x.big()
	or := new(big.Int).AndNot(xv, mv)
	xor := new(big.Int).And(xv, mv)
	and := new(big.Int).Or(mv, or)
	width := 8 * len(e.Mask)
	val := func(v *big.Int) *node { return number(v, width, left.typ, left.order) }
	n := left
	if and.Cmp(all) != 0 {
		n = binop("&", n, val(and))
	}
	if xor.Sign() != 0 {
		n = binop("^", n, val(xor))
	}
	if or.Sign() != 0 {
		n = binop("|", n, val(or))
	}
	return n
}

// byteorder keeps the expression; its bytes are now in the other order.
func (r *reader) byteorder(e *bytecode.Byteorder) {
	n := r.get(e.SReg)
	if e.Op == bytecode.NtoH {
		n.order = datatype.HostEnd
	} else {
		n.order = datatype.BigEndian
	}
	r.put(e.DReg, n)
}

func (r *reader) set(name string, id uint32) *bytecode.Set {
	byID := r.table.SetByID(id)
	if byID != nil && byID.Name == name {
		return byID
	}
	if s := r.table.Set(name); s != nil {
		return s
	}
	if byID != nil {
		return byID
	}
	return &bytecode.Set{Name: name}
}

func (r *reader) lookup(e *bytecode.Lookup) {
	set := r.set(e.Set, e.SetID)
	left := r.key(e.SReg, keyBits(set))
	setKeyType(left, set)
	if !e.HasDReg {
		op := ""
		if e.Invert {
			op = "!="
		}
		r.add(&stmt{kind: stmtMatch, op: op, left: left, right: &node{kind: kindSet, set: set}, src: e})
		return
	}
	m := &node{kind: kindMap, left: left, set: set, right: &node{kind: kindSet, set: set}, src: e}
	if e.DReg == bytecode.RegVerdict {
		r.add(&stmt{kind: stmtVmap, left: m, src: e})
		return
	}
	m.typ = typeByID(set.DataType)
	m.order, m.bits = m.typ.Byteorder, int(set.DataLen)*8
	if m.typ.Size == 0 && set.DataByteorderHost {
		m.order = datatype.HostEnd
	}
	r.put(e.DReg, m)
}

// keyBits is the width of a set's key in registers.
func keyBits(s *bytecode.Set) int { return int(s.KeyLen) * 8 }

// typeByID is the type of a number, or integer.
func typeByID(id uint32) *datatype.Type {
	if t := datatype.ByID(id); t != nil {
		return t
	}
	return datatype.Integer
}

// addrType is the address type of a family.
func addrType(f nf.Family) *datatype.Type {
	if f == nf.FamilyIPv6 {
		return datatype.IPv6Addr
	}
	return datatype.IPv4Addr
}
