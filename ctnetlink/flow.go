package ctnetlink

import (
	"nfvm/nf"
	"nfvm/packet"
)

// A Tuple is one direction of a flow, laid out as ct.Tuple is: ports, keys or, for
// ICMP, the identifier and type<<8|code, all in host order.
type Tuple struct {
	Src, Dst     packet.Addr
	SrcID, DstID uint16
	L3, L4       uint8 // AF_INET or AF_INET6, and the IP protocol
}

// Attr is a set of a Flow's or an Expect's attributes.
type Attr uint32

// Attributes of flows (enum ctattr_type) that may be missing. The tuples and the
// identity are always there.
const (
	Timeout    Attr = 1 << iota
	State           // of TCP and SCTP
	Counters        // of both directions
	Status          //
	Mark            //
	Secmark         //
	Zone            // one zone for both directions
	OrigZone        // a zone of the original direction only
	ReplyZone       //
	Use             //
	Start           // timestamps
	Stop            //
	Helper          //
	Labels          //
	Class           // of expectations
	ExpectZone      // of expectations
)

// A Flow is a connection as it is told to programs.
type Flow struct {
	Has     Attr
	Tuple   [2]Tuple // by nf.Dir
	Status  nf.CTStatus
	Timeout uint32 // seconds
	State   uint8  // of TCP (enum tcp_conntrack) or SCTP (enum sctp_conntrack)
	VTag    [2]uint32
	// GRETimeout are the lifetimes before and after a reply, which only /proc tells.
	GRETimeout [2]uint32

	Packets, Bytes [2]uint64

	Mark, Secmark uint32
	Zone          uint16 // of those directions for which Has tells so
	ID, Use       uint32
	Start, Stop   int64 // nanoseconds since the epoch
	Helper        string
	Labels        [16]byte
}

// L4 is the IP protocol of the flow.
func (f *Flow) L4() uint8 { return f.Tuple[nf.DirOriginal].L4 }

// Family is nf.FamilyIPv4 or nf.FamilyIPv6.
func (f *Flow) Family() nf.Family { return nf.Family(f.Tuple[nf.DirOriginal].L3) }

func (f *Flow) has(a Attr) bool { return f.Has&a != 0 }

// An Expect is an expected flow as it is told to programs.
type Expect struct {
	Has     Attr // Timeout, Class, ExpectZone, Helper
	Tuple   Tuple
	Mask    Tuple
	Master  Tuple
	Timeout uint32 // seconds
	Zone    uint16
	Class   uint32
	Flags   uint32 // NF_CT_EXPECT_
	Helper  string
}

// Flags of an expectation (NF_CT_EXPECT_).
const (
	ExpectPermanent = 1 << iota
	ExpectInactive
	ExpectUserspace
)

// A Kind says on what occasion something is told.
type Kind uint8

// Kinds of messages. None is an answer to a question.
const (
	None Kind = iota
	New
	Update
	Destroy
)

func (k Kind) String() string { return [...]string{"", "[NEW]", "[UPDATE]", "[DESTROY]"}[k] }
