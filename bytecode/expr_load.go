package bytecode

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
//
// Whole, where it is not 0, is the size of the transport header that must be
// there before any of it is read, as the matches of iptables have it: in a
// fragment without the header the load fails, and a packet too short for it, or
// a TCP fragment that starts within it, is dropped.
type Payload struct {
	Base        PayloadBase
	Offset, Len uint32
	DReg        Reg
	Whole       uint8
}

// Fast reports whether the kernel reads this with its inlined payload load,
// which does not look at the fragment offset.
func (e *Payload) Fast() bool {
	if e.Base != PayloadNetwork && e.Base != PayloadTransport {
		return false
	}
	return (e.Len == 1 || e.Len == 2 || e.Len == 4) && e.Offset%e.Len == 0
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

func (*Payload) Name() string    { return "payload" }
func (*PayloadSet) Name() string { return "payload" }
func (*Meta) Name() string       { return "meta" }
func (*MetaSet) Name() string    { return "meta" }
func (*CT) Name() string         { return "ct" }
func (*CTSet) Name() string      { return "ct" }
