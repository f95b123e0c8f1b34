package vm

import (
	"encoding/binary"
	"fmt"

	"nfvm/xt"
)

// xtBPF runs a program of classic BPF over the packet, from its network header
// on; any number but 0 is a match.
type xtBPF []xt.BPFInsn

func loadBPF(_ *loader, info []byte) (xtMatch, error) {
	var c xt.BPF
	if err := xt.Decode(info, &c); err != nil {
		return nil, err
	}
	if c.Mode != 0 || int(c.Len) > len(c.Program) {
		return nil, fmt.Errorf("mode %d, %d instructions", c.Mode, c.Len)
	}
	p := xtBPF(append([]xt.BPFInsn(nil), c.Program[:c.Len]...))
	if at, err := xt.CheckBPF(p); err != nil {
		return nil, fmt.Errorf("instruction %d: %w", at, err)
	}
	return p, nil
}

func (x xtBPF) match(m *Machine) bool {
	s := bpfState{m: m, b: m.p.IP()}
	for pc := 0; pc < len(x); pc++ {
		in := &x[pc]
		operand := in.K
		if in.Code&xt.BPFX != 0 {
			operand = s.x
		}
		switch in.Code & 7 {
		case xt.BPFLd, xt.BPFLdx:
			if !s.load(in) {
				return false
			}
		case xt.BPFSt:
			s.mem[in.K] = s.a
		case xt.BPFStx:
			s.mem[in.K] = s.x
		case xt.BPFAlu:
			if !s.alu(in.Code&0xf0, operand) {
				return false
			}
		case xt.BPFJmp:
			pc += s.jump(in, operand)
		case xt.BPFRet:
			if in.Code&xt.BPFA != 0 {
				return s.a != 0
			}
			return in.K != 0
		case xt.BPFMisc:
			if in.Code&xt.BPFTxa != 0 {
				s.a = s.x
			} else {
				s.x = s.a
			}
		}
	}
	return false
}

// A bpfState is what a program computes with.
type bpfState struct {
	m    *Machine
	b    []byte
	a, x uint32
	mem  [16]uint32
}

// load loads A or X; false for what lies outside of the packet, which ends the
// program with 0.
func (s *bpfState) load(in *xt.BPFInsn) bool {
	v, ok := in.K, true
	switch mode := in.Code & 0xe0; {
	case mode == xt.BPFMem:
		v = s.mem[in.K]
	case mode == xt.BPFLen:
		v = uint32(len(s.b))
	case mode == xt.BPFMsh:
		v, ok = s.bytes(int32(in.K), 1)
		v = v & 15 << 2
	case mode == xt.BPFInd:
		v, ok = s.bytes(int32(s.x+in.K), bpfSize(in.Code))
	case mode == xt.BPFAbs && int32(in.K) < 0 && int32(in.K) >= xt.BPFAncillary:
		v = s.property(int32(in.K) - xt.BPFAncillary)
	case mode == xt.BPFAbs:
		v, ok = s.bytes(int32(in.K), bpfSize(in.Code))
	}
	if in.Code&7 == xt.BPFLdx {
		s.x = v
	} else {
		s.a = v
	}
	return ok
}

func bpfSize(code uint16) int {
	switch code & 0x18 {
	case xt.BPFB:
		return 1
	case xt.BPFH:
		return 2
	}
	return 4
}

// bytes reads a number of n bytes. Offsets below zero, which programs may
// compute, count from the network header too, by way of BPFNetwork.
func (s *bpfState) bytes(off int32, n int) (uint32, bool) {
	if off < 0 {
		off -= xt.BPFNetwork
	}
	if off < 0 || int64(off)+int64(n) > int64(len(s.b)) {
		return 0, false
	}
	b := s.b[off:]
	switch n {
	case 1:
		return uint32(b[0]), true
	case 2:
		return uint32(binary.BigEndian.Uint16(b)), true
	}
	return binary.BigEndian.Uint32(b), true
}

// property gives a property of the packet, or A with the bits of X flipped.
func (s *bpfState) property(n int32) uint32 {
	switch n {
	case xt.BPFProtocol:
		return uint32(s.m.p.EtherType)
	case xt.BPFPktType:
		return uint32(s.m.p.PktType)
	case xt.BPFMark:
		return s.m.p.Mark
	}
	return s.a ^ s.x
}

// alu computes with A; false for a division by zero.
func (s *bpfState) alu(op uint16, v uint32) bool {
	switch op {
	case xt.BPFAdd:
		s.a += v
	case xt.BPFSub:
		s.a -= v
	case xt.BPFMul:
		s.a *= v
	case xt.BPFOr:
		s.a |= v
	case xt.BPFAnd:
		s.a &= v
	case xt.BPFXor:
		s.a ^= v
	case xt.BPFLsh:
		s.a <<= v & 31
	case xt.BPFRsh:
		s.a >>= v & 31
	case xt.BPFNeg:
		s.a = -s.a
	case xt.BPFDiv:
		if v == 0 {
			return false
		}
		s.a /= v
	case xt.BPFMod:
		if v == 0 {
			return false
		}
		s.a %= v
	}
	return true
}

// jump tells how many instructions are passed over.
func (s *bpfState) jump(in *xt.BPFInsn, v uint32) int {
	yes := false
	switch in.Code & 0xf0 {
	case xt.BPFJa:
		return int(in.K)
	case xt.BPFJeq:
		yes = s.a == v
	case xt.BPFJgt:
		yes = s.a > v
	case xt.BPFJge:
		yes = s.a >= v
	case xt.BPFJset:
		yes = s.a&v != 0
	}
	if yes {
		return int(in.JT)
	}
	return int(in.JF)
}
