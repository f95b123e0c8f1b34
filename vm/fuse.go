package vm

import (
	"nfvm/bytecode"
	"nfvm/nf"
)

// fuse joins a load, perhaps a mask, and the comparison that follows into one
// instruction that leaves the register alone, where nothing later in the rule
// reads that register. Rules are verified to read only what they have written,
// so a later rule can't miss it either.
func fuse(t *bytecode.Table, exprs []bytecode.Expr, code []instr) []instr {
	var out []instr
	for i := 0; i < len(code); {
		in, n := fused(t, exprs[i:], code[i:])
		out = append(out, in)
		i += n
	}
	return out
}

// fused gives the instruction for the start of code, and how many it replaces.
func fused(t *bytecode.Table, exprs []bytecode.Expr, code []instr) (instr, int) {
	first := code[0]
	n := 1
	mask := lowBytes(first.n)
	xor := uint64(0)
	switch {
	case len(code) < 2:
		return first, 1
	case first.op == opMetaName:
		return fusedName(t, exprs, code)
	case first.op != opPayload && first.op != opMeta && first.op != opCT, first.n > 8:
		return first, 1
	}
	if b := code[1]; b.op == opMask && b.src == first.dst && b.dst == first.dst && b.n == first.n && len(code) > 2 {
		mask, xor, n = b.mask, b.val, 2
	}
	c := code[n]
	n++
	if c.op != opCmp || c.src != first.dst || c.n != first.n || readLater(t, exprs[n:], first.dst, first.n) {
		return first, 1
	}
	want := c.val ^ xor
	if want&^mask != 0 {
		return first, 1 // can never be equal: leave it to the plain instructions
	}
	first.load, first.op = first.op, opTest
	first.mask, first.val, first.invert = mask, want, c.invert
	return first, n
}

func fusedName(t *bytecode.Table, exprs []bytecode.Expr, code []instr) (instr, int) {
	in, c := code[0], code[1]
	key := bytecode.MetaKey(in.key)
	if key != bytecode.MetaIifName && key != bytecode.MetaOifName || c.src != in.dst || readLater(t, exprs[2:], in.dst, nf.IfNameSize) {
		return in, 1
	}
	name := new([nf.IfNameSize]byte)
	switch {
	case c.op == opCmpBytes && bytecode.CmpOp(c.key) <= bytecode.CmpNeq:
		in.invert = bytecode.CmpOp(c.key) == bytecode.CmpNeq
		in.n = uint8(copy(name[:], c.ref.(*operands).a))
	case c.op == opCmp:
		in.invert = c.invert
		in.n = uint8(copy(name[:], exprs[1].(*bytecode.Cmp).Data))
	default:
		return in, 1
	}
	in.op, in.ref = opIfName, name
	return in, 2
}

// readLater reports whether one of the expressions reads something of the n
// bytes of registers from an offset on, before all of it is written again.
func readLater(t *bytecode.Table, exprs []bytecode.Expr, from, n uint8) bool {
	first, end := int(from), int(from)+int(n+3)&^3
	for _, e := range exprs {
		reads, writes := bytecode.Registers(t, e)
		for _, u := range reads {
			if at := int(at(u.Reg)); at < end && at+int(u.Len) > first {
				return true
			}
		}
		for _, u := range writes {
			if at := int(at(u.Reg)); u.Reg != bytecode.RegVerdict && at <= first && at+int(u.Len+3)&^3 >= end {
				return false
			}
		}
	}
	return false
}
