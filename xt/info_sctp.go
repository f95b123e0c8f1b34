package xt

// SCTPFlags is struct xt_sctp_flag_info: of the flags in Mask those in Flags are
// on in a chunk of this type.
type SCTPFlags struct{ Chunk, Flags, Mask uint8 }

// SCTP is struct xt_sctp_info.
type SCTP struct {
	DstMin, DstMax, SrcMin, SrcMax uint16
	Chunks                         [64]uint32 // of which the first 8 hold a bit for each type
	Match                          uint32
	Flags                          [4]SCTPFlags
	NumFlags                       int32
	Options, Invert                uint32
}

// Values of SCTP.Match: what of the types in Chunks a packet has.
const (
	SCTPAny  = 1 << iota // at least one
	SCTPAll              // all of them
	SCTPOnly             // nothing else
)

// Bits of SCTP.Options and SCTP.Invert.
const (
	SCTPSrcPorts = 1 << iota
	SCTPDstPorts
	SCTPChunks
)
