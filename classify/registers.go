package classify

import "nfvm/bytecode"

// Numbers that a cell may have in place of a load's.
const (
	isUnknown = -1
	isConst   = -2
)

// A cell is what one byte of a register holds: a byte of a load, masked and
// then inverted in some bits; or the constant xor; or nobody knows what.
type cell struct {
	load      int16
	at        uint8 // byte of the load
	mask, xor byte
}

var unknown, zero = cell{load: isUnknown}, cell{load: isConst}

// maxLoads bounds the loads that are followed in a rule.
const maxLoads = 64

// registers are the register file of a rule, followed from its beginning.
type registers struct {
	table *bytecode.Table
	cells [bytecode.RegBytes]cell
	loads []load
}

func (r *registers) reset(t *bytecode.Table) {
	r.table, r.loads = t, r.loads[:0]
	for i := range r.cells {
		r.cells[i] = unknown
	}
}

// span gives the cells of n bytes from a register on; nil if there are not as
// many, which a verified program does not ask for.
func (r *registers) span(reg bytecode.Reg, n uint32) []cell {
	at, ok := reg.Offset()
	if !ok || n > bytecode.RegBytes || at+int(n) > bytecode.RegBytes {
		return nil
	}
	return r.cells[at : at+int(n)]
}

// tail sets what lies behind a value in its last register word.
func (r *registers) tail(reg bytecode.Reg, n uint32, c cell) {
	at, _ := reg.Offset()
	for end := at + int(n); end%4 != 0 && end < len(r.cells); end++ {
		r.cells[end] = c
	}
}

// load puts a load into a register and gives its number, or isUnknown if there
// are too many.
func (r *registers) load(l load, reg bytecode.Reg) int {
	cells := r.span(reg, l.n)
	number := len(r.loads)
	if number == maxLoads {
		number = isUnknown
	} else {
		r.loads = append(r.loads, l)
	}
	for i := range cells {
		cells[i] = cell{load: int16(number), at: uint8(i), mask: 0xff}
	}
	r.tail(reg, l.n, zero)
	return number
}

// compute follows an expression that works on registers alone. It reports false
// for other expressions.
func (r *registers) compute(e bytecode.Expr) bool {
	switch e := e.(type) {
	case *bytecode.Bitwise:
		r.bitwise(e)
	case *bytecode.Byteorder:
		r.byteorder(e)
	case *bytecode.Immediate:
		if e.DReg == bytecode.RegVerdict {
			return false
		}
		cells := r.span(e.DReg, uint32(len(e.Data)))
		for i := range cells {
			cells[i] = cell{load: isConst, xor: e.Data[i]}
		}
		r.tail(e.DReg, uint32(len(e.Data)), zero)
	case *bytecode.Hash:
		r.forget(e.DReg, 4)
	default:
		return false
	}
	return true
}

// forget makes a register unknown.
func (r *registers) forget(reg bytecode.Reg, n uint32) {
	for i := range r.span(reg, n) {
		r.span(reg, n)[i] = unknown
	}
	if r.span(reg, n) != nil {
		r.tail(reg, n, unknown)
	}
}

// overlap reports whether a result partly overwrites its operand.
func overlap(src, dst bytecode.Reg, n uint32) bool {
	a, _ := src.Offset()
	b, _ := dst.Offset()
	return a != b && max(a, b)-min(a, b) < int(n+3)&^3
}

func (r *registers) bitwise(e *bytecode.Bitwise) {
	src, dst := r.span(e.SReg, e.Len), r.span(e.DReg, e.Len)
	if e.Op != bytecode.BitwiseMaskXor || overlap(e.SReg, e.DReg, e.Len) || len(e.Mask) != len(src) || len(e.Xor) != len(src) || len(src) != len(dst) {
		r.forget(e.DReg, e.Len)
		return
	}
	var out [bytecode.RegBytes]cell
	for i, c := range src {
		if m := e.Mask[i]; m == 0 {
			out[i] = zero
		} else if c.load == isUnknown {
			out[i] = unknown
		} else {
			out[i] = cell{load: c.load, at: c.at, mask: c.mask & m, xor: c.xor & m}
		}
		if out[i].load != isUnknown {
			out[i].xor ^= e.Xor[i]
		}
	}
	copy(dst, out[:len(src)])
	r.tail(e.DReg, e.Len, zero)
}

// byteorder turns the bytes of each whole unit around.
func (r *registers) byteorder(e *bytecode.Byteorder) {
	src, dst := r.span(e.SReg, e.Len), r.span(e.DReg, e.Len)
	if e.Size == 0 || overlap(e.SReg, e.DReg, e.Len) || len(src) != len(dst) {
		r.forget(e.DReg, e.Len)
		return
	}
	var out [bytecode.RegBytes]cell
	for i := range src {
		out[i] = unknown
	}
	size := int(e.Size)
	for at := 0; at+size <= len(src); at += size {
		for i := range size {
			out[at+i] = src[at+size-1-i]
		}
	}
	copy(dst, out[:len(src)])
	r.tail(e.DReg, e.Len, unknown)
}
