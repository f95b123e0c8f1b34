package vm

import (
	"encoding/binary"

	"nfvm/bytecode"
)

// mask is dst = (src & mask) ^ xor for up to 8 bytes; the rest of the last
// register word becomes zero, as its mask is.
func (m *Machine) mask(in *instr) {
	m.put(in.dst, in.n, m.word(in.src, in.n)&in.mask^in.val)
}

func (m *Machine) maskBytes(in *instr) {
	o := in.ref.(*operands)
	for i := range o.a {
		m.regs[int(in.dst)+i] = m.regs[int(in.src)+i]&o.a[i] ^ o.b[i]
	}
	m.clearTail(in)
}

// clearTail zeroes what lies between the end of a result and the end of its
// last register word.
func (m *Machine) clearTail(in *instr) {
	for end := int(in.dst) + int(in.n); end%4 != 0; end++ {
		m.regs[end] = 0
	}
}

// words is the number of register words that an instruction works on.
func (in *instr) words() int { return (int(in.n) + 3) / 4 }

func (m *Machine) reg32(at int) uint32 { return binary.LittleEndian.Uint32(m.regs[at:]) }

func (m *Machine) setReg32(at int, v uint32) { binary.LittleEndian.PutUint32(m.regs[at:], v) }

// shift moves the value as a sequence of words in host order, the first the
// highest: bits leave a word towards the one before it (left) or after it.
func (m *Machine) shift(in *instr) {
	by, n := uint(in.val), in.words()
	carry := uint32(0)
	for i := range n {
		w := i
		if bytecode.BitwiseOp(in.key) == bytecode.BitwiseLshift {
			w = n - 1 - i
		}
		v := m.reg32(int(in.src) + 4*w)
		if bytecode.BitwiseOp(in.key) == bytecode.BitwiseLshift {
			m.setReg32(int(in.dst)+4*w, v<<by|carry)
			carry = v >> (32 - by)
		} else {
			m.setReg32(int(in.dst)+4*w, carry|v>>by)
			carry = v << (32 - by)
		}
	}
}

// bitop combines two registers, or a register and a constant.
func (m *Machine) bitop(in *instr) {
	var constant []byte
	if o, ok := in.ref.(*operands); ok {
		constant = o.a
	}
	for i := range int(in.n) {
		a, b := m.regs[int(in.src)+i], byte(0)
		if constant != nil {
			b = constant[i]
		} else {
			b = m.regs[int(in.off)+i]
		}
		switch bytecode.BitwiseOp(in.key) {
		case bytecode.BitwiseAnd:
			a &= b
		case bytecode.BitwiseOr:
			a |= b
		default:
			a ^= b
		}
		m.regs[int(in.dst)+i] = a
	}
	m.clearTail(in)
}

// byteorder swaps the bytes of each unit. Units of two bytes are each taken
// from half a register word, as the kernel stores them.
func (m *Machine) byteorder(in *instr) {
	size := int(in.base)
	for at := 0; at+size <= int(in.n); at += size {
		src, dst := int(in.src)+at, int(in.dst)+at
		switch size {
		case 8:
			v := binary.LittleEndian.Uint64(m.regs[src:])
			binary.BigEndian.PutUint64(m.regs[dst:], v)
		case 4:
			v := binary.LittleEndian.Uint32(m.regs[src:])
			binary.BigEndian.PutUint32(m.regs[dst:], v)
		case 2:
			v := binary.LittleEndian.Uint16(m.regs[src:])
			binary.BigEndian.PutUint16(m.regs[dst:], v)
		}
	}
	if in.src != in.dst {
		m.clearTail(in)
	}
}
