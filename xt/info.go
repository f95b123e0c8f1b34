package xt

// Addr is union nf_inet_addr.
type Addr [16]byte

// Conntrack is struct xt_conntrack_mtinfo3.
type Conntrack struct {
	OrigSrc, OrigSrcMask, OrigDst, OrigDstMask Addr
	ReplSrc, ReplSrcMask, ReplDst, ReplDstMask Addr
	ExpiresMin, ExpiresMax                     uint32
	L4Proto                                    uint16
	OrigSrcPort, OrigDstPort                   uint16
	ReplSrcPort, ReplDstPort                   uint16
	MatchFlags, InvertFlags                    uint16
	StateMask, StatusMask                      uint16
	OrigSrcPortHigh, OrigDstPortHigh           uint16
	ReplSrcPortHigh, ReplDstPortHigh           uint16
	_                                          [2]byte
}

// Bits of Conntrack.
const (
	ConntrackState = 1 // flag: compare the state

	StateInvalid   = 1 << 0
	StateSNAT      = 1 << 6
	StateDNAT      = 1 << 7
	StateUntracked = 1 << 8
)

// Helper is struct xt_helper_info.
type Helper struct {
	Invert int32
	Name   [30]byte
	_      [2]byte
}

// Recent is struct xt_recent_mtinfo_v1.
type Recent struct {
	Seconds, HitCount uint32
	CheckSet, Invert  uint8
	Name              [200]byte
	Side              uint8 // 1: the destination
	_                 [1]byte
	Mask              Addr
}

// Bits of Recent.CheckSet.
const (
	RecentCheck = 1 << iota
	RecentSet
	RecentUpdate
	RecentRemove
	RecentTTL
	RecentReap
)

// String is struct xt_string_info.
type String struct {
	From, To    uint16
	Algo        [16]byte
	Pattern     [128]byte
	PatternSize uint8
	Flags       uint8
	_           [2]byte
	_           uint64 // the kernel's own
}

// Bits of String.Flags.
const (
	StringInvert = 1 << iota
	StringIgnoreCase
)

// Owner is struct xt_owner_match_info.
type Owner struct {
	UIDMin, UIDMax, GIDMin, GIDMax uint32
	Match, Invert                  uint8
	_                              [2]byte
}

// Bits of Owner.
const (
	OwnerUID = 1 << iota
	OwnerGID
	OwnerSocket
	OwnerSupplGroups
)

// Physdev is struct xt_physdev_info.
type Physdev struct {
	In, InMask, Out, OutMask [16]byte
	Invert, Options          uint8
}

// Bits of Physdev.
const (
	PhysdevIn = 1 << iota
	PhysdevOut
	PhysdevBridged
	PhysdevIsIn
	PhysdevIsOut
)

// PolicyElem is struct xt_policy_elem.
type PolicyElem struct {
	Src, SrcMask, Dst, DstMask Addr
	SPI, ReqID                 uint32
	Proto, Mode                uint8
	Match, Invert              uint8
}

// Policy is struct xt_policy_info.
type Policy struct {
	Elems      [4]PolicyElem
	Flags, Len uint16
}

// Bits of Policy.Flags.
const (
	PolicyIn = 1 << iota
	PolicyOut
	PolicyNone
	PolicyStrict
)

// Time is struct xt_time_info.
type Time struct {
	DateStart, DateStop       uint32
	DaytimeStart, DaytimeStop uint32
	Monthdays                 uint32 // bit N: day N of the month
	Weekdays                  uint8  // bit 1 Monday … bit 7 Sunday
	Flags                     uint8
	_                         [2]byte
}

// Bits of Time.Flags.
const (
	TimeLocal = 1 << iota
	TimeContiguous
)

// Location is a step of a u32 test: a number, and what is done with it.
type Location struct {
	Number uint32
	Op     uint8
	_      [3]byte
}

// Operators of Location.
const (
	U32And = iota
	U32Left
	U32Right
	U32At
)

// U32Size is how many tests, steps and values u32 holds of each.
const U32Size = 10

// U32Test is struct xt_u32_test.
type U32Test struct {
	Location             [U32Size + 1]Location
	Value                [U32Size + 1]struct{ Min, Max uint32 }
	Locations, NumValues uint8
	_                    [2]byte
}

// U32 is struct xt_u32.
type U32 struct {
	Tests            [U32Size + 1]U32Test
	NumTests, Invert uint8
	_                [2]byte
}

// ECN is struct ipt_ECN_info. TCP: bit 0 ECE, bit 1 CWR, as they shall be.
type ECN struct{ Operation, IP, TCP uint8 }

// Bits of ECN.Operation.
const (
	ECNSetIP  = 0x01
	ECNSetECE = 0x10
	ECNSetCWR = 0x20
)

// EUI64 are the parameters of the match eui64, of which there is one that is not
// looked at.
type EUI64 struct{ Unused int32 }

// TTL is struct ipt_TTL_info, and struct ip6t_HL_info.
type TTL struct{ Mode, Value uint8 }

// Modes of TTL.
const (
	TTLSet = iota
	TTLInc
	TTLDec
)

// TOS is struct xt_tos_target_info: the bits of Mask are cleared, then those of
// Value flipped.
type TOS struct{ Value, Mask uint8 }

// MSS is struct xt_tcpmss_match_info.
type MSS struct {
	Min, Max uint16
	Invert   uint8
	_        [1]byte
}

// TCPMSS is struct xt_tcpmss_info.
type TCPMSS struct{ MSS uint16 }

// ClampPMTU as the MSS stands for that of the route.
const ClampPMTU = 0xffff

// CT is struct xt_ct_target_info_v1.
type CT struct {
	Flags, Zone          uint16
	Events, ExpectEvents uint32
	Helper               [16]byte
	Timeout              [32]byte
	_                    [4]byte
	_                    uint64 // the kernel's own
}

// Bits of CT.Flags.
const (
	CTNotrack = 1 << iota
	CTNotrackAlias
	CTZoneOrig
	CTZoneRepl
	CTZoneMark
)

// Untracks reports whether a target exempts packets from connection tracking and
// does nothing else, which nft lists as notrack.
func Untracks(target string, info []byte) bool {
	var c CT
	return target == "CT" && Decode(info, &c) == nil && c.Flags&CTNotrack != 0
}

// TProxy is struct xt_tproxy_target_info_v1; Port is in network order.
type TProxy struct {
	MarkMask, MarkValue uint32
	Addr                Addr
	Port                uint16
	_                   [2]byte
}

// Checksum is struct xt_CHECKSUM_info.
type Checksum struct{ Operation uint8 }

// Hashlimit is struct xt_hashlimit_mtinfo3.
type Hashlimit struct {
	Name                 [255]byte
	_                    [1]byte
	Avg, Burst           uint64
	Mode, Size, Max      uint32
	GC, Expire           uint32 // milliseconds
	Interval             uint32
	SrcPrefix, DstPrefix uint8
	_                    [6]byte
	_                    uint64 // the kernel's own
}

// Bits of Hashlimit.Mode.
const (
	HashDstAddr = 1 << iota
	HashDstPort
	HashSrcAddr
	HashSrcPort
	HashInvert
	HashBytes
	HashRateMatch
)

// HashCreditsPerSecond flow into a bucket of packets (CREDITS_PER_JIFFY times HZ,
// for 250 and 1000 jiffies a second).
const HashCreditsPerSecond = 250 << 39

// HashCredits gives the credits of a time in microseconds, as the kernel computes
// them: they overflow (user2credits of xt_hashlimit, revision 3).
func HashCredits(micros uint64) uint64 { return micros * (HashCreditsPerSecond / 1_000_000) }

// OSF is struct nf_osf_info.
type OSF struct {
	Genre                [32]byte
	Len, Flags, Log, TTL uint32
}

// Flags of OSF.
const (
	OSFGenre  = 1 << 0
	OSFTTL    = 1 << 1
	OSFInvert = 1 << 3
)

// RT is struct ip6t_rt: a routing header, and the addresses of one of type 0.
type RT struct {
	Type            uint32
	SegsLeft        [2]uint32
	Len             uint32 // bytes
	Flags, InvFlags uint8
	_               [2]byte
	Addrs           [16]Addr
	NumAddrs        uint8
	_               [3]byte
}

// Bits of RT.Flags; of InvFlags the first three.
const (
	RTType = 1 << iota
	RTSegsLeft
	RTLen
	RTReserved
	RTAddrs
	RTNotStrict
)

// Opts6 is struct ip6t_opts: a header of options. An option is its type times 256
// and its length, OptAnyLen for any.
type Opts6 struct {
	Len             uint32 // bytes
	Flags, InvFlags uint8
	Opts            [16]uint16
	NumOpts         uint8
	_               [1]byte
}

// Bits of Opts6.Flags, and an option's length.
const (
	OptsLen   = 1 << 0
	OptsOpts  = 1 << 1
	OptAnyLen = 0xff
)

// SRH is struct ip6t_srh1: a segment routing header (RFC 8754). Tag is compared
// with the header's as it lies in memory.
type SRH struct {
	NextHdr, HdrLen, SegsLeft, LastEntry uint8
	Tag                                  uint16
	_                                    [2]byte
	PrevSID, NextSID, LastSID            Addr
	PrevMask, NextMask, LastMask         Addr
	Flags, InvFlags                      uint16
}

// Bits of SRH.Flags and InvFlags.
const (
	SRHNextHdr = 1 << iota
	SRHLenEq
	SRHLenGt
	SRHLenLt
	SRHSegsEq
	SRHSegsGt
	SRHSegsLt
	SRHLastEq
	SRHLastGt
	SRHLastLt
	SRHTag
	SRHPrevSID
	SRHNextSID
	SRHLastSID
)

// DCCP is struct xt_dccp_info.
type DCCP struct {
	DstPorts, SrcPorts [2]uint16
	Flags, InvFlags    uint16
	Types              uint16
	Option             uint8
	_                  [1]byte
}

// DCCPOption is the bit of DCCP.Flags and InvFlags for the option.
const DCCPOption = 8

// RPFilter is struct xt_rpfilter_info.
type RPFilter struct{ Flags uint8 }

// Bits of RPFilter.Flags.
const (
	RPFilterLoose = 1 << iota
	RPFilterValidMark
	RPFilterAcceptLocal
	RPFilterInvert
)
