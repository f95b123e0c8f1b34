package compiler

import "nfvm/bytecode"

// Registers are allotted as nft does: a stack in 32-bit steps; every value
// takes four of them (one 16-byte register), only concatenations take as many
// as they fill.
type regs struct {
	next int // steps in use
	over bool
}

// maxSteps is the size of the register file in 32-bit steps.
const maxSteps = 16

// A slot is a place in the register file, in 32-bit steps.
type slot int

// take allots the register for e; nil is a value of unknown kind.
func (r *regs) take(e expr) slot {
	n := 4
	if c, ok := e.(*concat); ok {
		n = words(c.width)
	}
	return r.takeSteps(n)
}

func (r *regs) takeSteps(n int) slot {
	s := slot(r.next)
	r.next += n
	if r.next > maxSteps {
		r.over = true
	}
	return s
}

// drop gives back everything from s on.
func (r *regs) drop(s slot) { r.next = int(s) }

// reg is the netlink number of the register that starts at s: 16-byte names
// where one fits.
func (s slot) reg() bytecode.Reg {
	if s%4 == 0 {
		return bytecode.Reg1 + bytecode.Reg(s/4)
	}
	return bytecode.Reg32First + bytecode.Reg(s)
}
