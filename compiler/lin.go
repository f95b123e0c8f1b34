package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/proto"
)

// A lin writes the expressions of one rule.
type lin struct {
	r    *rule
	regs regs
	out  []bytecode.Expr
	at   []bytecode.Pos
	pos  bytecode.Pos // of the statement that is being written
	span diag.Span    // the same
}

// A stmt is an evaluated statement; write appends its expressions.
type stmt interface{ write(l *lin) }

// emit appends an expression.
func (l *lin) emit(e bytecode.Expr) {
	l.out = append(l.out, e)
	l.at = append(l.at, l.pos)
	l.r.place(e, l.span)
}

// lookup appends a lookup in a set.
func (l *lin) lookup(s *setState, x bytecode.Lookup) {
	e := &x
	l.name(&e.Set, s)
	l.emit(e)
}

// begin sets the place of what follows.
func (l *lin) begin(at diag.Span) {
	if at.Valid() {
		l.pos, l.span = l.r.pos.at(at), at
	}
}

// data gives a constant as the bytes that a register of its width holds.
func (l *lin) data(c *constant) []byte { return l.bytes(c.val, bytesOf(c.width), c.order) }

// load writes e into the register at d.
func (l *lin) load(e expr, d slot) {
	switch e := e.(type) {
	case *constant:
		l.emit(l.r.room().immediates.add(bytecode.Immediate{DReg: d.reg(), Data: l.data(e)}))
	case *payload:
		x := l.r.room().loads.add(bytecode.Payload{Base: bytecode.PayloadBase(e.base), Offset: uint32(e.offset / 8),
			Len: uint32(bytesOf(e.width)), DReg: d.reg(), Whole: e.whole})
		if e.tunnel != nil && e.base == proto.Inner {
			x.Base = bytecode.PayloadTunnel
		}
		l.emit(inTunnel(e.tunnel, x))
	case *exthdr:
		x := &bytecode.Exthdr{Op: e.op, Type: e.kind, Offset: uint32(e.offset / 8), Len: uint32(bytesOf(e.width)), DReg: d.reg()}
		if e.present {
			x.Flags, x.Len = bytecode.ExthdrPresent, 1
		}
		if e.whole {
			x.Flags |= bytecode.ExthdrWhole
		}
		l.emit(x)
	case *metaExpr:
		l.emit(inTunnel(e.tunnel, l.r.room().metaLoads.add(bytecode.Meta{Key: e.key, DReg: d.reg()})))
	case *ctExpr:
		l.emit(&bytecode.CT{Key: e.key, Dir: e.dir, DReg: d.reg()})
	case *simpleExpr:
		l.emit(e.load(d.reg()))
	case *jhash:
		l.hash(e, d)
	case *concat:
		s := d
		for _, p := range e.parts {
			l.load(p, s)
			s += slot(words(p.inf().width))
		}
	case *mapping:
		l.load(e.key, d)
		l.lookup(e.set, bytecode.Lookup{SReg: d.reg(), DReg: d.reg(), HasDReg: true})
	case *swap:
		l.load(e.arg, d)
		l.emit(&bytecode.Byteorder{Op: e.op, SReg: d.reg(), DReg: d.reg(), Len: uint32(bytesOf(e.width)), Size: swapSize(e.width)})
	case *binop:
		l.binop(e, d)
	}
	l.checkRegs(e)
}

// checkRegs refuses what does not fit into the registers.
func (l *lin) checkRegs(e expr) {
	if l.regs.over && !l.r.failed {
		l.r.errorf(e.inf().at, "the expression needs more than 64 bytes of registers")
	}
}

// swapSize is the unit in which a value's bytes are swapped.
func swapSize(width int) uint32 {
	switch {
	case width%64 == 0:
		return 8
	case width%32 == 0:
		return 4
	}
	return 2
}

func (l *lin) hash(e *jhash, d slot) {
	s := l.regs.take(e.arg)
	l.load(e.arg, s)
	l.emit(&bytecode.Hash{SReg: s.reg(), Len: uint32(hashLen(e.arg)), Modulus: e.mod, Offset: e.offset,
		Seed: e.seed, HasSeed: e.seeded, DReg: d.reg()})
	l.regs.drop(s)
}

func hashLen(e expr) int { return bytesOf(e.inf().width) }

// binop writes a bit operation on the register at d.
func (l *lin) binop(e *binop, d slot) {
	if isShift(e.op) {
		l.load(e.left, d)
		if n := e.right.(*constant).val; n.isZero() || n.lo > maxShift {
			l.r.refuse(e.at, einval, "bits are moved by 1 to %d places, not by %s", maxShift, n)
			return
		}
		l.emit(&bytecode.Bitwise{Op: e.op, SReg: d.reg(), DReg: d.reg(), Len: uint32(bytesOf(e.width)),
			Shift: uint32(e.right.(*constant).val.lo)})
		return
	}
	if _, ok := e.right.(*constant); !ok {
		l.load(e.left, d)
		s := l.regs.take(e.right)
		l.load(e.right, s)
		l.emit(&bytecode.Bitwise{Op: e.op, SReg: d.reg(), SReg2: s.reg(), DReg: d.reg(), Len: uint32(bytesOf(e.width))})
		l.regs.drop(s)
		return
	}
	l.maskXor(e, d)
}

// maxShift is the most that the kernel shifts by.
const maxShift = 31

// maskXor joins a chain of and, or, xor with constants into one operation:
// (x & mask) ^ xor.
func (l *lin) maskXor(e *binop, d slot) {
	chain := []*binop{e}
	for {
		b, ok := chain[len(chain)-1].left.(*binop)
		if !ok || isShift(b.op) {
			break
		}
		if _, ok := b.right.(*constant); !ok {
			break
		}
		chain = append(chain, b)
	}
	l.load(chain[len(chain)-1].left, d)
	full := ones(bytesOf(e.width) * 8)
	mask, xor := full, num{}
	for i := len(chain) - 1; i >= 0; i-- {
		v := chain[i].right.(*constant).val
		switch chain[i].op {
		case bytecode.BitwiseXor:
			xor = xor.xor(v)
		case bytecode.BitwiseAnd:
			mask, xor = mask.and(v), xor.and(v)
		default:
			mask, xor = mask.and(v.not()), xor.and(v.not()).or(v)
		}
	}
	l.bitwise(d, bytesOf(e.width), mask, xor, e.order)
}

func (l *lin) bitwise(d slot, n int, mask, xor num, order datatype.Byteorder) {
	l.emit(&bytecode.Bitwise{SReg: d.reg(), DReg: d.reg(), Len: uint32(n),
		Mask: l.bytes(mask, n, order), Xor: l.bytes(xor, n, order)})
}
