package vm

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
	opOSF
	opLog
	opReject
	opSynproxy
	opDup
	opFwd
	opFlowAdd
	opBreak // never matches
	opNAT
	opMasq
	opRedir
	opXTMatch
	opXTTarget
	opTouch // the packet may change: an index must be asked anew
	opCount // no instruction
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

// A pair of operands longer than a register word.
type operands struct{ a, b []byte }
