package bytecode

import "nfvm/nf"

// A Reg is a register by its netlink number (linux/netfilter/nf_tables.h, enum
// nft_registers): 0 the verdict, 1..4 16-byte registers, 8..23 4-byte ones.
type Reg uint8

const (
	RegVerdict Reg = 0
	Reg1       Reg = 1
	Reg2       Reg = 2
	Reg3       Reg = 3
	Reg4       Reg = 4
	Reg32First Reg = 8
)

// An Expr is one nf_tables expression of a rule.
type Expr interface {
	// Name is the expression's kernel name, such as "payload" or "cmp".
	Name() string
	// String is the expression in brackets, as nft --debug=netlink prints it.
	String() string
	// code writes or reads the expression's fields.
	code(c *coder)
}

// A PayloadBase says where a payload offset counts from.
type PayloadBase uint8

const (
	PayloadLink PayloadBase = iota
	PayloadNetwork
	PayloadTransport
	PayloadInner
	PayloadTunnel // within Inner: the tunnel header itself
)

// Payload loads Len bytes of the packet.
type Payload struct {
	Base        PayloadBase
	Offset, Len uint32
	DReg        Reg
}

// A ChecksumType says how a payload write keeps the checksum right.
type ChecksumType uint8

const (
	ChecksumNone ChecksumType = iota
	ChecksumInet
	ChecksumSCTP
)

// ChecksumPseudoHeader is the flag of a write that touches the pseudo header.
const ChecksumPseudoHeader = 1

// PayloadSet writes Len bytes of the packet.
type PayloadSet struct {
	Base           PayloadBase
	Offset, Len    uint32
	SReg           Reg
	ChecksumType   ChecksumType
	ChecksumOffset uint32
	ChecksumFlags  uint32
}

// Meta loads packet metadata.
type Meta struct {
	Key  MetaKey
	DReg Reg
}

// MetaSet writes packet metadata.
type MetaSet struct {
	Key  MetaKey
	SReg Reg
}

// DirNone marks a ct key used without a direction.
const DirNone int8 = -1

// CT loads a property of the packet's conntrack entry.
type CT struct {
	Key  CTKey
	Dir  int8 // DirNone, or nf.DirOriginal, nf.DirReply
	DReg Reg
}

// CTSet writes a property of the packet's conntrack entry.
type CTSet struct {
	Key  CTKey
	Dir  int8
	SReg Reg
}

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

// Lookup searches a set, or a map when HasDReg.
type Lookup struct {
	Set     string // name; anonymous sets have their allocated name, "__set0"
	SetID   uint32 // index in the table's Sets
	SReg    Reg
	DReg    Reg
	HasDReg bool
	Invert  bool
}

// Immediate stores data, or a verdict when DReg is RegVerdict.
type Immediate struct {
	DReg    Reg
	Data    []byte
	Verdict nf.Verdict
	Chain   string // target of Jump and Goto
}

// Counter counts packets and bytes.
type Counter struct{ Packets, Bytes uint64 }

// A LimitType says what a limit counts.
type LimitType uint8

const (
	LimitPackets LimitType = iota
	LimitBytes
)

// Limit is a token bucket.
type Limit struct {
	Rate  uint64
	Unit  uint64 // seconds
	Burst uint32
	Type  LimitType
	Over  bool
}

// Quota counts bytes up to a bound.
type Quota struct {
	Bytes, Used uint64
	Over        bool
}

// Log flags and levels (linux/netfilter/nf_log.h); LogLevelAudit is nft's.
const (
	LogTCPSeq     = 0x01
	LogTCPOpt     = 0x02
	LogIPOpt      = 0x04
	LogUID        = 0x08
	LogMACDecode  = 0x20
	LogFlagsAll   = 0x2f
	LogLevelAudit = 8
)

// Log writes a line to the log, or hands the packet to an nflog group.
type Log struct {
	Prefix                    string
	Level                     uint32
	Flags                     uint32
	Group                     uint16
	Snaplen                   uint32
	QThreshold                uint16
	HasLevel, HasGroup        bool
	HasSnaplen, HasQThreshold bool
}

// A RejectType says how a packet is answered (enum nft_reject_types).
type RejectType uint8

const (
	RejectICMPUnreach RejectType = iota
	RejectTCPReset
	RejectICMPX
)

// Reject drops the packet and answers its sender.
type Reject struct {
	Type RejectType
	Code uint8
}

// A NATType says which address is translated.
type NATType uint8

const (
	SNAT NATType = iota
	DNAT
)

// NAT range flags (NF_NAT_RANGE_).
const (
	NATMapIPs           = 1 << 0
	NATProtoSpecified   = 1 << 1
	NATProtoRandom      = 1 << 2
	NATPersistent       = 1 << 3
	NATProtoRandomFully = 1 << 4
	NATProtoOffset      = 1 << 5
	NATNetmap           = 1 << 6
)

// NAT binds the packet's connection to a range; a zero register is absent.
type NAT struct {
	Type               NATType
	Family             nf.Family // IPv4 or IPv6
	AddrMin, AddrMax   Reg
	ProtoMin, ProtoMax Reg
	Flags              uint32
}

// Masq is source NAT to the output interface's address.
type Masq struct {
	Flags              uint32
	ProtoMin, ProtoMax Reg
}

// Redir is destination NAT to the host itself.
type Redir struct {
	Flags              uint32
	ProtoMin, ProtoMax Reg
}

// A DynsetOp is what a dynset expression does to its set.
type DynsetOp uint8

const (
	DynsetAdd DynsetOp = iota
	DynsetUpdate
	DynsetDelete
)

// Dynset adds, refreshes or deletes an element of a set from the packet path.
type Dynset struct {
	Op       DynsetOp
	Set      string
	SetID    uint32
	SReg     Reg
	SRegData Reg    // 0: none
	Timeout  uint64 // milliseconds; 0: the set's
	Invert   bool
	Exprs    []Expr // stateful expressions of a new element
}

// Objref runs a named object, or the object a map gives when Set is not empty.
type Objref struct {
	Type   ObjectType
	Object string
	Set    string
	SetID  uint32
	SReg   Reg
}

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

// TProxy assigns a local socket to the packet.
type TProxy struct {
	Family nf.Family
	Addr   Reg
	Port   Reg
}

// Synproxy answers TCP handshakes with cookies.
type Synproxy struct {
	MSS    uint16
	Wscale uint8
	Flags  uint32
}

// Dup sends a copy of the packet to an address or device.
type Dup struct{ Addr, Dev Reg }

// Fwd hands the packet to another device.
type Fwd struct {
	Dev, Addr Reg
	Family    nf.Family
}

// Queue hands the packet to userspace.
type Queue struct {
	Num, Total uint16
	Flags      uint16
	SReg       Reg // 0: the numbers above
}

// Notrack exempts the packet from connection tracking.
type Notrack struct{}

// Last remembers when it was evaluated.
type Last struct {
	Set  bool
	Msec uint64 // since
}

// Connlimit counts connections.
type Connlimit struct {
	Count uint32
	Over  bool
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

// FlowOffload hands the connection to a flowtable.
type FlowOffload struct{ Table string }

// Inner evaluates a payload or meta load on the packet inside a tunnel (enum
// nft_inner_type: 1 vxlan, 2 geneve, 3 gre, 4 gretap as the compiler numbers
// them).
type Inner struct {
	Type, HdrSize, Flags uint32
	Expr                 Expr
}

func (*Payload) Name() string     { return "payload" }
func (*PayloadSet) Name() string  { return "payload" }
func (*Meta) Name() string        { return "meta" }
func (*MetaSet) Name() string     { return "meta" }
func (*CT) Name() string          { return "ct" }
func (*CTSet) Name() string       { return "ct" }
func (*Cmp) Name() string         { return "cmp" }
func (*Range) Name() string       { return "range" }
func (*Bitwise) Name() string     { return "bitwise" }
func (*Byteorder) Name() string   { return "byteorder" }
func (*Lookup) Name() string      { return "lookup" }
func (*Immediate) Name() string   { return "immediate" }
func (*Counter) Name() string     { return "counter" }
func (*Limit) Name() string       { return "limit" }
func (*Quota) Name() string       { return "quota" }
func (*Log) Name() string         { return "log" }
func (*Reject) Name() string      { return "reject" }
func (*NAT) Name() string         { return "nat" }
func (*Masq) Name() string        { return "masq" }
func (*Redir) Name() string       { return "redir" }
func (*Dynset) Name() string      { return "dynset" }
func (*Objref) Name() string      { return "objref" }
func (*Exthdr) Name() string      { return "exthdr" }
func (*Rt) Name() string          { return "rt" }
func (*Fib) Name() string         { return "fib" }
func (*Socket) Name() string      { return "socket" }
func (*Numgen) Name() string      { return "numgen" }
func (*Hash) Name() string        { return "hash" }
func (*TProxy) Name() string      { return "tproxy" }
func (*Synproxy) Name() string    { return "synproxy" }
func (*Dup) Name() string         { return "dup" }
func (*Fwd) Name() string         { return "fwd" }
func (*Queue) Name() string       { return "queue" }
func (*Notrack) Name() string     { return "notrack" }
func (*Last) Name() string        { return "last" }
func (*Connlimit) Name() string   { return "connlimit" }
func (*OSF) Name() string         { return "osf" }
func (*Xfrm) Name() string        { return "xfrm" }
func (*FlowOffload) Name() string { return "flow_offload" }
func (*Inner) Name() string       { return "inner" }
