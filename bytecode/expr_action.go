package bytecode

import "nfvm/nf"

// Immediate stores data, or a verdict when DReg is RegVerdict.
type Immediate struct {
	DReg    Reg
	Data    []byte
	Verdict nf.Verdict
	Chain   string // target of Jump and Goto
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

// TProxy assigns a local socket to the packet.
type TProxy struct {
	Family nf.Family
	Addr   Reg
	Port   Reg
}

// Flags of Synproxy that nft has no words for: those of iptables' target.
const (
	SynproxyECN = 1 << 4 // explicit congestion notification (XT_SYNPROXY_OPT_ECN)
	// SynproxySynOnly takes segments for a SYN or an acknowledgment only if no
	// other flag of a handshake is set.
	SynproxySynOnly = 1 << 31
)

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

// FlowOffload hands the connection to a flowtable.
type FlowOffload struct{ Table string }

func (*Immediate) Name() string   { return "immediate" }
func (*Log) Name() string         { return "log" }
func (*Reject) Name() string      { return "reject" }
func (*TProxy) Name() string      { return "tproxy" }
func (*Synproxy) Name() string    { return "synproxy" }
func (*Dup) Name() string         { return "dup" }
func (*Fwd) Name() string         { return "fwd" }
func (*Queue) Name() string       { return "queue" }
func (*Notrack) Name() string     { return "notrack" }
func (*FlowOffload) Name() string { return "flow_offload" }
