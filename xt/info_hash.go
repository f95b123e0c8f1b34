package xt

// NPT is struct ip6t_npt_tginfo: prefixes with their lengths.
type NPT struct {
	Src, Dst       Addr
	SrcLen, DstLen uint8
	_              [2]byte // the kernel's own
}

// HMark is struct xt_hmark_info: what of the addresses and ports goes into the
// hash. Ports, and the index of IPsec in their place, are in network order.
type HMark struct {
	SrcMask, DstMask  Addr
	PortMask, PortSet [4]byte
	Flags             uint32
	ProtoMask         uint16
	_                 [2]byte
	Rnd, Mod, Offset  uint32
}

// Bits of HMark.Flags.
const (
	HMarkSrcMask = 1 << iota
	HMarkDstMask
	HMarkSPI
	HMarkSPIMask
	HMarkSPort
	HMarkDPort
	HMarkSPortMask
	HMarkDPortMask
	HMarkProtoMask
	HMarkRnd
	HMarkMod
	HMarkOffset
	HMarkCT // of the connection, not the packet
	HMarkL3 // addresses only
)
