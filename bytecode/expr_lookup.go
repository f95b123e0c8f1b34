package bytecode

// An ExthdrOp is a kind of extension header or option.
type ExthdrOp uint8

const (
	ExthdrIPv6 ExthdrOp = iota
	ExthdrTCPOpt
	ExthdrIPv4
	ExthdrSCTP
	ExthdrDCCP
)

// ExthdrPresent is the flag that loads 1 or 0 for presence.
const ExthdrPresent = 1

// ExthdrWhole is the flag of what drops a packet without a whole TCP header, as
// xtables do (see Payload.Whole). The kernel has none such.
const ExthdrWhole = 2

// Exthdr loads (SReg 0), writes (SReg set), or strips (Reset) an extension
// header field or option.
type Exthdr struct {
	Op          ExthdrOp
	Type        uint8
	Offset, Len uint32
	Flags       uint32
	DReg        Reg
	SReg        Reg
	Reset       bool
}

// RtKey is a property of the packet's route.
type RtKey uint8

const (
	RtClassID RtKey = iota
	RtNextHop4
	RtNextHop6
	RtTCPMSS
	RtXfrm
)

// Rt loads a property of the packet's route.
type Rt struct {
	Key  RtKey
	DReg Reg
}

// Fib results and flags (enum nft_fib_result, nft_fib_flags).
const (
	FibResultOif     = 1
	FibResultOifName = 2
	FibResultType    = 3

	FibSaddr   = 1 << 0
	FibDaddr   = 1 << 1
	FibMark    = 1 << 2
	FibIif     = 1 << 3
	FibOif     = 1 << 4
	FibPresent = 1 << 5
)

// Fib looks an address up in the routing tables.
type Fib struct {
	Result uint32
	Flags  uint32
	DReg   Reg
}

// Socket keys (enum nft_socket_keys).
const (
	SocketTransparent = iota
	SocketMark
	SocketWildcard
	SocketCgroupV2
)

// Socket loads a property of the local socket of the packet.
type Socket struct {
	Key   uint32
	Level uint32
	DReg  Reg
}

// Numgen generates numbers.
type Numgen struct {
	Random          bool
	Modulus, Offset uint32
	DReg            Reg
}

// Hash is jhash over a register, or the symmetric flow hash.
type Hash struct {
	Symmetric       bool
	SReg            Reg
	Len             uint32
	Modulus, Offset uint32
	Seed            uint32
	HasSeed         bool
	DReg            Reg
}

// OSF loads the sender's operating system name.
type OSF struct {
	DReg  Reg
	TTL   uint8
	Flags uint32
}

// Xfrm loads a property of an IPsec transformation.
type Xfrm struct {
	Out   bool
	Key   uint32
	Spnum uint32
	DReg  Reg
}

// Inner evaluates a payload or meta load on the packet inside a tunnel (enum
// nft_inner_type: 1 vxlan, 2 geneve, 3 gre, 4 gretap as the compiler numbers
// them).
type Inner struct {
	Type, HdrSize, Flags uint32
	Expr                 Expr
}

func (*Exthdr) Name() string { return "exthdr" }
func (*Rt) Name() string     { return "rt" }
func (*Fib) Name() string    { return "fib" }
func (*Socket) Name() string { return "socket" }
func (*Numgen) Name() string { return "numgen" }
func (*Hash) Name() string   { return "hash" }
func (*OSF) Name() string    { return "osf" }
func (*Xfrm) Name() string   { return "xfrm" }
func (*Inner) Name() string  { return "inner" }
