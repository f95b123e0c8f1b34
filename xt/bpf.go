package xt

import "fmt"

// BPFInsn is struct sock_filter, an instruction of classic BPF.
type BPFInsn struct {
	Code   uint16
	JT, JF uint8
	K      uint32
}

// BPFSize is how many instructions a rule has room for.
const BPFSize = 64

// BPF is struct xt_bpf_info_v1 with a program in it (XT_BPF_MODE_BYTECODE).
type BPF struct {
	Mode, Len uint16
	_         int32
	Program   [BPFSize]BPFInsn
	_         uint64 // the kernel's own
}

// Classes, sizes, modes and operations of BPFInsn.Code.
const (
	BPFLd, BPFLdx, BPFSt, BPFStx, BPFAlu, BPFJmp, BPFRet, BPFMisc = 0, 1, 2, 3, 4, 5, 6, 7

	BPFW, BPFH, BPFB = 0, 0x08, 0x10

	BPFImm, BPFAbs, BPFInd, BPFMem, BPFLen, BPFMsh = 0, 0x20, 0x40, 0x60, 0x80, 0xa0

	BPFAdd, BPFSub, BPFMul, BPFDiv, BPFOr, BPFAnd = 0, 0x10, 0x20, 0x30, 0x40, 0x50
	BPFLsh, BPFRsh, BPFNeg, BPFMod, BPFXor        = 0x60, 0x70, 0x80, 0x90, 0xa0

	BPFJa, BPFJeq, BPFJgt, BPFJge, BPFJset = 0, 0x10, 0x20, 0x30, 0x40

	BPFX, BPFA, BPFTax, BPFTxa = 0x08, 0x10, 0, 0x80
)

// Offsets of BPFAbs that are no places of the packet (SKF_AD_OFF and so on), and
// the properties of the packet at BPFAncillary that are known here.
const (
	BPFAncillary = -0x1000
	BPFNetwork   = -0x100000
	BPFLink      = -0x200000

	BPFProtocol = 0
	BPFPktType  = 4
	BPFMark     = 20
	BPFXorX     = 40
)

// bpfMemory is how many words a program may store.
const bpfMemory = 16

// bpfAncillaries are the properties by their offset.
var bpfAncillaries = map[uint32]string{
	BPFProtocol: "", BPFPktType: "", BPFMark: "", BPFXorX: "", 8: "the index of the interface", 12: "netlink attributes", 16: "netlink attributes",
	24: "the queue", 28: "the type of the device", 32: "the hash of the packet", 36: "the processor", 44: "the VLAN tag", 48: "the VLAN tag",
	52: "the offset of the payload", 56: "random numbers", 60: "the VLAN tag",
}

// bpfCodes are the instructions that there are, other than those of arithmetic
// and jumps that compare, which have an operand each (chk_code_allowed).
var bpfCodes = map[uint16]bool{
	BPFLd | BPFW | BPFAbs: true, BPFLd | BPFH | BPFAbs: true, BPFLd | BPFB | BPFAbs: true,
	BPFLd | BPFW | BPFInd: true, BPFLd | BPFH | BPFInd: true, BPFLd | BPFB | BPFInd: true,
	BPFLd | BPFW | BPFLen: true, BPFLd | BPFImm: true, BPFLd | BPFMem: true,
	BPFLdx | BPFW | BPFLen: true, BPFLdx | BPFB | BPFMsh: true, BPFLdx | BPFImm: true, BPFLdx | BPFMem: true,
	BPFSt: true, BPFStx: true, BPFAlu | BPFNeg: true, BPFJmp | BPFJa: true, BPFRet: true, BPFRet | BPFA: true,
	BPFMisc | BPFTax: true, BPFMisc | BPFTxa: true,
}

// CheckBPF refuses what the kernel does (bpf_check_classic), and loads of what is
// not known here: it tells which instruction is wrong.
func CheckBPF(p []BPFInsn) (at int, err error) {
	for i, in := range p {
		if err := checkBPFInsn(in, len(p)-i-1); err != nil {
			return i, err
		}
	}
	if n := len(p) - 1; n < 0 || p[n].Code&7 != BPFRet {
		return max(n, 0), fmt.Errorf("a program ends with a return")
	}
	return checkBPFMemory(p)
}

// checkBPFInsn checks an instruction that has some more behind it.
func checkBPFInsn(in BPFInsn, behind int) error {
	class, op, k := in.Code&7, in.Code&0xf0, in.K
	switch {
	case class == BPFAlu && in.Code < 0x100 && op <= BPFXor && op != BPFNeg:
		return checkBPFOperand(in)
	case class == BPFJmp && in.Code < 0x100 && op <= BPFJset && op != BPFJa:
		if max(int(in.JT), int(in.JF)) >= behind {
			return fmt.Errorf("the jump leads out of the program")
		}
	case !bpfCodes[in.Code]:
		return fmt.Errorf("there is no instruction %#x", in.Code)
	case in.Code == BPFJmp|BPFJa && uint64(k) >= uint64(behind):
		return fmt.Errorf("the jump leads out of the program")
	case class == BPFSt || class == BPFStx || class <= BPFLdx && in.Code&0xe0 == BPFMem:
		if k >= bpfMemory {
			return fmt.Errorf("there are %d words of memory", bpfMemory)
		}
	case class == BPFLd && in.Code&0xe0 == BPFAbs:
		return checkBPFOffset(int32(k))
	}
	return nil
}

func checkBPFOperand(in BPFInsn) error {
	switch op := in.Code & 0xf0; {
	case in.Code&BPFX != 0:
	case (op == BPFDiv || op == BPFMod) && in.K == 0:
		return fmt.Errorf("a division by zero")
	case (op == BPFLsh || op == BPFRsh) && in.K >= 32:
		return fmt.Errorf("a shift by %d bits", in.K)
	}
	return nil
}

// checkBPFOffset checks the offset of a load: those that are negative stand for
// properties of the packet, or count from a header.
func checkBPFOffset(k int32) error {
	switch {
	case k >= BPFAncillary && k < 0:
		what, known := bpfAncillaries[uint32(k-BPFAncillary)]
		if !known {
			return fmt.Errorf("there is no property %d of a packet", k-BPFAncillary)
		}
		if what != "" {
			return fmt.Errorf("loading %s is not supported", what)
		}
	case k >= BPFLink && k < BPFNetwork:
		return fmt.Errorf("loading from the link-layer header is not supported")
	}
	return nil
}

// checkBPFMemory refuses to load a word that was not stored on every way there.
func checkBPFMemory(p []BPFInsn) (at int, err error) {
	valid := uint16(0)
	ways := make([]uint16, len(p)+256)
	for i := range ways {
		ways[i] = 0xffff
	}
	for i, in := range p {
		valid &= ways[i]
		switch class := in.Code & 7; {
		case class == BPFSt || class == BPFStx:
			valid |= 1 << in.K
		case class <= BPFLdx && in.Code&0xe0 == BPFMem:
			if valid&(1<<in.K) == 0 {
				return i, fmt.Errorf("the word of memory %d is not stored before", in.K)
			}
		case in.Code == BPFJmp|BPFJa:
			ways[i+1+int(in.K)] &= valid
			valid = 0xffff
		case class == BPFJmp:
			ways[i+1+int(in.JT)] &= valid
			ways[i+1+int(in.JF)] &= valid
			valid = 0xffff
		}
	}
	return 0, nil
}
