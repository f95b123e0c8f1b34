package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/nf"
	"nfvm/proto"
)

// An expr is an expression with its datatype settled. Width is in bits.
type expr interface{ inf() *info }

// info is what every expr has.
type info struct {
	typ   *datatype.Type
	order datatype.Byteorder
	width int
	at    diag.Span
	parts []info // of a concatenation
	max   uint64 // the largest value where that is less than fits, or 0
}

func (i *info) inf() *info { return i }

// A constant is a number in the byte order of its info.
type constant struct {
	info
	val num
}

// A verdictVal is the value of a verdict map.
type verdictVal struct {
	info
	verdict nf.Verdict
	to      *chainState // of a jump or goto
	toAt    diag.Span
}

// An objectName is the value of an object map.
type objectName struct {
	info
	name string
}

// A prefixVal is addr/plen; host bits of addr are still there.
type prefixVal struct {
	info
	addr *constant
	plen int
}

// A rangeVal is from-to, inclusive.
type rangeVal struct {
	info
	from, to *constant
}

// A concat joins its parts in 32-bit steps.
type concat struct {
	info
	parts []expr
}

// A payload is a header field; offset and width in bits, offset from base.
type payload struct {
	info
	base   proto.Base
	desc   *proto.Desc  // nil: raw
	field  *proto.Field // nil: raw
	offset int
	raw    bool
	whole  uint8         // size of the header that must be there (bytecode.Payload)
	tunnel *proto.Tunnel // whose inner packet it is of, nil: none
}

// An exthdr is a field of an extension header, an option or a chunk.
type exthdr struct {
	info
	op      bytecode.ExthdrOp
	kind    uint8
	offset  int // bits from the start of the header
	present bool
	whole   bool // the header must be there (bytecode.ExthdrWhole)
}

// A metaExpr is packet metadata.
type metaExpr struct {
	info
	key    bytecode.MetaKey
	tunnel *proto.Tunnel // whose inner packet it is of, nil: none
}

// A ctExpr is a property of the conntrack entry.
type ctExpr struct {
	info
	key bytecode.CTKey
	dir int8
	nf  nf.Family // family that the key implies (ct original ip saddr)
}

// A simpleExpr loads a value by one expression that needs nothing but its
// destination: fib, rt, socket, osf, ipsec, numgen, symhash.
type simpleExpr struct {
	info
	load func(d bytecode.Reg) bytecode.Expr
	fib  *bytecode.Fib // what load makes, of fib
}

// A jhash hashes arg.
type jhash struct {
	info
	arg    expr
	mod    uint32
	seed   uint32
	seeded bool
	offset uint32
}

// A setRef is a set as the right side of a relation or the map of a mapping.
type setRef struct {
	info
	set *setState
}

// A mapping looks key up in a map.
type mapping struct {
	info
	key expr
	set *setState
}

// A swap converts between network and host byte order.
type swap struct {
	info
	op  bytecode.ByteorderOp
	arg expr
}

// A binop is a bit operation; of and, or, xor, lshift, rshift.
type binop struct {
	info
	op          bytecode.BitwiseOp // And, Or, Xor, Lshift, Rshift
	left, right expr
	as          info // what a constant that is compared with it must be
	cut         bool // made to take a field out of the bytes around it
}

// A relation compares left with right.
type relation struct {
	at          diag.Span
	op          relop
	left, right expr
	dependency  bool // inserted by the compiler
}

// relop is an operator of a relation.
type relop uint8

const (
	relImplicit relop = iota // any of the bits, for bitmasks
	relEq
	relNeq
	relLt
	relGt
	relLe
	relGe
	relNot // none of the bits
)

func isConstant(e expr) bool {
	switch e := e.(type) {
	case *constant, *prefixVal, *rangeVal, *verdictVal, *objectName, *setRef:
		return true
	case *concat:
		for _, p := range e.parts {
			if !isConstant(p) {
				return false
			}
		}
		return true
	}
	return false
}

// words is the number of 32-bit steps that a value of that many bits fills.
func words(bits int) int { return (bits + 31) / 32 }

// bytesOf is the number of bytes for that many bits.
func bytesOf(bits int) int { return (bits + 7) / 8 }
