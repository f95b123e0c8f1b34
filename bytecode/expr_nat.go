package bytecode

import "nfvm/nf"

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

func (*NAT) Name() string   { return "nat" }
func (*Masq) Name() string  { return "masq" }
func (*Redir) Name() string { return "redir" }
