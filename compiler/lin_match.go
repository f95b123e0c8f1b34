package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
)

// matchStmt is a comparison as a statement.
type matchStmt struct{ rel *relation }

func (s *matchStmt) write(l *lin) {
	rel := s.rel
	l.begin(rel.at)
	d := l.regs.take(rel.left)
	defer l.regs.drop(d)
	switch right := rel.right.(type) {
	case *setRef:
		l.load(rel.left, d)
		l.lookup(right.set, bytecode.Lookup{SReg: d.reg(), Invert: rel.op == relNeq})
	case *rangeVal:
		l.load(rel.left, d)
		op := bytecode.CmpEq
		if rel.op == relNeq {
			op = bytecode.CmpNeq
		}
		n := bytesOf(rel.left.inf().width)
		l.emit(&bytecode.Range{Op: op, SReg: d.reg(), From: l.bytes(right.from.val, n, right.from.order),
			To: l.bytes(right.to.val, n, right.to.order)})
	case *prefixVal:
		l.prefixMatch(rel, right, d)
	case *constant:
		l.valueMatch(rel, right, d)
	}
}

var cmpOps = [...]bytecode.CmpOp{
	relImplicit: bytecode.CmpEq, relEq: bytecode.CmpEq, relNeq: bytecode.CmpNeq, relLt: bytecode.CmpLt,
	relGt: bytecode.CmpGt, relLe: bytecode.CmpLte, relGe: bytecode.CmpGte, relNot: bytecode.CmpEq,
}

func (l *lin) cmp(op bytecode.CmpOp, d slot, data []byte) {
	l.emit(l.r.room().cmps.add(bytecode.Cmp{Op: op, SReg: d.reg(), Data: data}))
}

// valueMatch compares with a constant; without an operator, or with `!`, a
// bitmask is tested for any or none of the bits.
func (l *lin) valueMatch(rel *relation, c *constant, d slot) {
	l.load(rel.left, d)
	n := bytesOf(rel.left.inf().width)
	if rel.op == relImplicit || rel.op == relNot {
		l.bitwise(d, n, c.val, num{}, rel.left.inf().order)
		op := bytecode.CmpNeq
		if rel.op == relNot {
			op = bytecode.CmpEq
		}
		l.cmp(op, d, l.bytes(num{}, n, datatype.BigEndian))
		return
	}
	l.cmp(cmpOps[rel.op], d, l.bytes(c.val, n, c.order))
}

// prefixMatch compares the first bits. Where the prefix ends at a byte, fewer
// bytes of a header field are loaded, and fewer bytes of other values in network
// order, or of text, are compared; else the rest is masked.
func (l *lin) prefixMatch(rel *relation, p *prefixVal, d slot) {
	width := p.width // of the field, which may have been loaded as more bytes
	mask := prefixMask(width, p.plen)
	val := p.addr.val.and(mask)
	op := cmpOps[rel.op]
	if p.typ.IsString() {
		l.load(rel.left, d)
		l.cmp(op, d, l.bytes(p.addr.val, p.plen/8, p.order))
		return
	}
	if short := l.firstBits(rel.left, p.plen); short != nil {
		l.load(short, d)
		l.cmp(op, d, l.bytes(val.shr(width-p.plen), p.plen/8, p.order))
		return
	}
	l.load(rel.left, d)
	n := bytesOf(rel.left.inf().width)
	if _, computed := rel.left.(*binop); !computed && p.order == datatype.BigEndian && p.plen%8 == 0 && p.plen > 0 {
		l.cmp(op, d, l.bytes(val.shr(width-p.plen), p.plen/8, p.order))
		return
	}
	if p.order != datatype.BigEndian || p.plen < width || p.plen%8 != 0 {
		l.bitwise(d, n, mask, num{}, p.order)
	}
	l.cmp(op, d, l.bytes(val, n, p.order))
}

// firstBits makes the load of the first n bits of a field, or nil if they are
// not whole bytes or e is no field.
func (l *lin) firstBits(e expr, n int) expr {
	if n%8 != 0 || n == 0 {
		return nil
	}
	switch f := e.(type) {
	case *payload:
		short := l.r.room().payloads.add(*f)
		short.width = n
		return short
	case *exthdr:
		short := *f
		short.width = n
		return &short
	}
	return nil
}

// verdictStmt ends the rule's evaluation or calls a chain.
type verdictStmt struct {
	at      span
	verdict nf.Verdict
	chain   string
}

func (s *verdictStmt) write(l *lin) {
	l.begin(s.at)
	l.emit(l.r.room().immediates.add(bytecode.Immediate{DReg: bytecode.RegVerdict, Verdict: s.verdict, Chain: s.chain}))
}

// vmapStmt looks a verdict up.
type vmapStmt struct {
	at  span
	key expr
	set *setState
}

func (s *vmapStmt) write(l *lin) {
	l.begin(s.at)
	d := l.regs.takeSteps(4)
	l.load(s.key, d)
	l.lookup(s.set, bytecode.Lookup{SReg: d.reg(), DReg: bytecode.RegVerdict, HasDReg: true})
	l.regs.drop(d)
}

// plainStmt is a statement of one expression without registers.
type plainStmt struct {
	at span
	e  bytecode.Expr
}

func (s *plainStmt) write(l *lin) {
	l.begin(s.at)
	l.emit(s.e)
}
