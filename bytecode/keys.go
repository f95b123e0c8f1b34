package bytecode

// A MetaKey is a piece of packet metadata (enum nft_meta_keys).
type MetaKey uint8

const (
	MetaLen MetaKey = iota
	MetaProtocol
	MetaPriority
	MetaMark
	MetaIif
	MetaOif
	MetaIifName
	MetaOifName
	MetaIifType
	MetaOifType
	MetaSkuid
	MetaSkgid
	MetaNFTrace
	MetaRtClassID
	MetaSecmark
	MetaNFProto
	MetaL4Proto
	MetaBriIifName
	MetaBriOifName
	MetaPktType
	MetaCPU
	MetaIifGroup
	MetaOifGroup
	MetaCgroup
	MetaPRandom
	MetaSecpath
	MetaIifKind
	MetaOifKind
	MetaBriIifPVID
	MetaBriIifVProto
	MetaTimeNS
	MetaTimeDay
	MetaTimeHour
	MetaSdif
	MetaSdifName
	MetaBroute
	MetaBriIifHWAddr
)

// A CTKey is a property of a conntrack entry (enum nft_ct_keys).
type CTKey uint8

const (
	CTState CTKey = iota
	CTDirection
	CTStatus
	CTMark
	CTSecmark
	CTExpiration
	CTHelper
	CTL3Proto
	CTSrc
	CTDst
	CTProtocol
	CTProtoSrc
	CTProtoDst
	CTLabels
	CTPkts
	CTBytes
	CTAvgPkt
	CTZone
	CTEventMask
	CTSrcIP
	CTDstIP
	CTSrcIP6
	CTDstIP6
	CTID
)

// An ObjectType is a kind of named object (NFT_OBJECT_).
type ObjectType uint32

const (
	ObjectCounter   ObjectType = 1
	ObjectQuota     ObjectType = 2
	ObjectCTHelper  ObjectType = 3
	ObjectLimit     ObjectType = 4
	ObjectConnlimit ObjectType = 5
	ObjectTunnel    ObjectType = 6
	ObjectCTTimeout ObjectType = 7
	ObjectSecmark   ObjectType = 8
	ObjectCTExpect  ObjectType = 9
	ObjectSynproxy  ObjectType = 10
)

// Set flags (enum nft_set_flags).
const (
	SetAnonymous = 0x1
	SetConstant  = 0x2
	SetInterval  = 0x4
	SetMap       = 0x8
	SetTimeout   = 0x10
	SetEval      = 0x20 // dynamic
	SetObject    = 0x40
	SetConcat    = 0x80
	SetExpr      = 0x100
)
