package packet

import "nfvm/nf"

// A Packet is one frame with the positions of its headers and its metadata.
//
// Data holds the link-layer header, if there is one, and the network packet.
// Network is the offset of the network header in Data; Link tells whether bytes
// 0..Network are a link-layer header. Transport is the offset of the transport
// header counted from the network header.
type Packet struct {
	Data    []byte
	Network int
	Link    bool
	// Received tells that the packet came by a link, so that it is known where its
	// link-layer header is, even if that has no bytes (skb_mac_header_was_set).
	Received bool

	// EtherType is the type of the network packet; VLAN tags are held outside
	// the data, as the kernel does, in TPID and TCI.
	EtherType uint16
	TPID, TCI uint16
	Tagged    bool

	// Family is nf.FamilyIPv4, nf.FamilyIPv6, or nf.FamilyUnspec for a frame
	// that carries neither. The fields below are valid for those two only.
	Family nf.Family
	// L4Known tells whether Proto and Transport are valid.
	L4Known   bool
	Proto     uint8
	Transport int
	// FragOffset is in bytes; MoreFrags is the flag of the header.
	FragOffset int
	MoreFrags  bool
	// SumValid tells that connection tracking has found the transport checksum
	// right (skb->csum_valid). What answers a packet then looks no more, even
	// if a rule has spoiled the checksum since.
	SumValid bool
	// SumComplete tells that somebody has summed the whole packet and found it
	// right (CHECKSUM_COMPLETE), and that it has not been forwarded since:
	// conntrack, NAT and TCP resets don't sum it again.
	SumComplete bool
	// SumUnnecessary tells that the sum has been asked for again at prerouting
	// or input (CHECKSUM_UNNECESSARY): forwarding does not forget it then.
	SumUnnecessary bool

	// Problem is what the check of the header has found, where that is to be told.
	Problem Problem

	// Offload is what is left to a device.
	Offload Offload

	// Bridged tells that the packet passes the hooks of IP on its way through a
	// bridge; PhysIn and PhysOut are the ports by which it came and leaves, nil
	// where that is not known yet.
	Bridged         bool
	PhysIn, PhysOut *nf.Link
	// OtherHost tells that a packet that passes the hooks of IP on its way through a
	// bridge is for another station, though it looks as if it were for the host.
	OtherHost bool

	// In and Out are the interfaces of the current hook, nil when absent. Dev is
	// the packet's current device, whose type `meta iiftype` reports.
	In, Out, Dev *nf.Link

	Mark, Priority uint32
	Secmark        uint32 // security mark, 0 for none
	PktType        uint8
	Trace          bool   // nftrace is set
	TraceID        uint32 // constant over all hooks
	Local          bool   // sent by the host itself
	Broute         bool   // a rule took it off the bridge that it came by
	Time           int64  // arrival, nanoseconds since the epoch
	// UID is the owner of the sending socket, HasUID whether it is known.
	UID    uint32
	HasUID bool

	// CT is the conntrack entry's slot (0: none) and CTInfo its relation;
	// CTInfo is nf.CTUntracked for a packet exempt from tracking.
	CT     uint32
	CTInfo nf.CTInfo
	// Zone and ZoneDir hold the zone that a rule gave before tracking;
	// ZoneDir bit 0 original, bit 1 reply; 0: none.
	Zone    uint16
	ZoneDir uint8
	// Helper is the conntrack helper, by its number in the connection table,
	// that a rule gave before tracking to the connection that the packet may
	// begin; 0: none.
	Helper uint16

	// MaxFrag is the size in bytes of the largest fragment that the packet was
	// reassembled from, 0 for one that came whole; FragDF tells that this
	// fragment had DF set (the kernel's frag_max_size and IPSKB_FRAG_PMTU).
	MaxFrag int
	FragDF  bool

	// pieces are the sizes in bytes of the fragments that a reassembled packet
	// came in: the first one with its headers, less an IPv6 fragment header,
	// the others without. They are cut again along them on output.
	pieces    []int
	pieceTags []Tag // of the same, nil if none had a VLAN tag
}
