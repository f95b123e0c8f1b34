package nf

// IfNameSize is the size in bytes of a zero-padded interface name (IFNAMSIZ).
const IfNameSize = 16

// A Link is a network interface as rules and the packet path see it. It is
// made by the host model and never changed afterwards.
type Link struct {
	Index int              // ifindex, from 1
	Name  string           // at most 15 bytes
	Key   [IfNameSize]byte // Name, zero padded, as `meta iifname` loads it
	Type  uint16           // ARPHRD_ number
	Group uint32           // `meta iifgroup`
	Kind  string           // rtnl kind: "tun", "veth", "bridge", ""
	MTU   int              // bytes of L3 packet
	MAC   [6]byte          // link-layer address; zero where there is none
	Ether bool             // frames carry an Ethernet header
	// Master is the ifindex of the bridge, bond or VRF that the link is part
	// of; 0 without one.
	Master int
	// Up tells that the link is set up (IFF_UP), LowerUp that it also has a
	// carrier (IFF_LOWER_UP).
	Up, LowerUp bool
	// Bridge is set for a bridge and Port for a port of one, where the model of
	// the host passes frames among ports.
	Bridge *Bridge
	Port   *BridgePort
}

// NewLink makes a link whose Key is filled from its name; longer names are cut
// at 15 bytes. It is an Ethernet link that is up.
func NewLink(index int, name string) *Link {
	l := &Link{Index: index, Name: name, MTU: 1500, Type: ARPHRDEther, Ether: true, Up: true, LowerUp: true}
	copy(l.Key[:IfNameSize-1], name)
	return l
}
