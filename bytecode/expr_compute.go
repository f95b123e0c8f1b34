package bytecode

// A CmpOp is a comparison of bytes (enum nft_cmp_ops).
type CmpOp uint8

const (
	CmpEq CmpOp = iota
	CmpNeq
	CmpLt
	CmpLte
	CmpGt
	CmpGte
)

// Cmp compares a register with data of the same length.
type Cmp struct {
	Op   CmpOp
	SReg Reg
	Data []byte
}

// Range tests whether From <= register <= To (or not, with Op CmpNeq).
type Range struct {
	Op       CmpOp // CmpEq or CmpNeq
	SReg     Reg
	From, To []byte
}

// A BitwiseOp is a bitwise operation (enum nft_bitwise_ops).
type BitwiseOp uint8

const (
	BitwiseMaskXor BitwiseOp = iota // dreg = (sreg & Mask) ^ Xor
	BitwiseLshift
	BitwiseRshift
	BitwiseAnd // dreg = sreg & sreg2, and so on
	BitwiseOr
	BitwiseXor
)

// Bitwise computes on the first Len bytes of a register.
type Bitwise struct {
	Op              BitwiseOp
	SReg, DReg      Reg
	SReg2           Reg // And, Or, Xor with a second register
	Len             uint32
	Mask, Xor, Data []byte // MaskXor: Mask and Xor, Len bytes each; shifts: Shift
	Shift           uint32
}

// Byteorder swaps the bytes of each Size-byte unit of the first Len bytes.
type Byteorder struct {
	Op         ByteorderOp
	SReg, DReg Reg
	Len, Size  uint32
}

// A ByteorderOp is the direction of a swap.
type ByteorderOp uint8

const (
	NtoH ByteorderOp = iota
	HtoN
)

func (*Cmp) Name() string       { return "cmp" }
func (*Range) Name() string     { return "range" }
func (*Bitwise) Name() string   { return "bitwise" }
func (*Byteorder) Name() string { return "byteorder" }
