package vm

import "nfvm/bytecode"

// An opcode says what an instruction does.
type opcode uint8

const (
	opTest    opcode = iota // fused load, mask and comparison of up to 8 bytes
	opIfName                // fused load and comparison of an interface name
	opPayload               // loads
	opMeta
	opMetaName
	opCT
	opCmp // comparisons
	opCmpBytes
	opRange
	opMask // computations
	opMaskBytes
	opShift
	opBitop
	opByteorder
	opImmediate
	opVerdict
	opLookup // sets
	opMap
	opDynset
	opObject
	opObjectMap
	opState // counter, limit, quota, last, connlimit
	opPayloadSet
	opMetaSet
	opCTSet
	opNotrack
	opExthdr
	opInner
	opExthdrSet
	opExthdrReset
	opNumgen
	opHash
	opSymhash
	opFib
	opRt
	opLog
	opReject
	opDup
	opFwd
	opFlowAdd
	opBreak // never matches
	opNAT
	opMasq
	opRedir
	opXTMatch
	opXTTarget
)

// An instr is one step of a rule. Which fields mean something depends on op:
// registers are byte offsets into the machine's register file, val and mask are
// register contents as little-endian numbers.
type instr struct {
	op        opcode
	dst, src  uint8
	n         uint8  // bytes
	load      opcode // of opTest: opPayload, opMeta or opCT
	base, key uint8
	invert    bool
	fast      bool  // payload: the kernel's fast path, blind to fragments
	whole     uint8 // payload: bytes of the transport header that must be there
	dir       int8
	off       uint32
	val, mask uint64
	ref       any
}

// fastLoad reports whether the kernel reads this with its inlined payload load,
// which does not look at the fragment offset.
func fastLoad(base bytecode.PayloadBase, off, n uint32) bool {
	if base != bytecode.PayloadNetwork && base != bytecode.PayloadTransport {
		return false
	}
	return (n == 1 || n == 2 || n == 4) && off%n == 0
}

// A pair of operands longer than a register word.
type operands struct{ a, b []byte }
