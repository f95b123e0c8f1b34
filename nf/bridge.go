package nf

// A Bridge is what a link of kind "bridge" has besides: its ports and how it
// passes frames among them (bridge of ip-link(8)). Like the link it is made by
// the host model and never changed afterwards.
type Bridge struct {
	Ports []*Link // in the order in which frames are flooded
	// STP tells that the spanning tree protocol is on, so that its frames are for
	// the bridge.
	STP bool
	// AgeingTime is how long an address is remembered, in nanoseconds.
	AgeingTime int64
	// GroupForward has a bit for each of the addresses 01:80:c2:00:00:00 to :0f
	// whose frames the bridge forwards all the same.
	GroupForward uint16
	// CallIPTables and CallIP6Tables tell that packets that are bridged pass the
	// hooks of IPv4 and of IPv6, whatever the sysctls of all bridges say.
	CallIPTables, CallIP6Tables bool
	// CallARPTables tells the same of ARP and the hook forward of arptables.
	CallARPTables bool
	// VLANFiltering tells that frames pass by the VLANs of ports; VLANs are those
	// of the bridge itself, and VLANProtocol is the EtherType of its tags.
	VLANFiltering bool
	VLANProtocol  uint16
	VLANs         VLANs
	// Stations are known before the first frame.
	Stations []Station
}

// A Station is an address that a bridge knows the port of, in a VLAN or, without
// VLANs, in VLAN 0. A Static one was configured and is not forgotten.
type Station struct {
	MAC    [6]byte
	VLAN   uint16
	Port   *Link
	Static bool
}

// A BridgePort is what a link has that is a port of a bridge.
type BridgePort struct {
	Bridge *Link
	Number int // from 1, in the order in which ports were added
	// Forwarding ports pass frames; Listening ones only learn addresses.
	Forwarding, Listening bool
	// Learning tells that addresses are learnt from frames that come by.
	Learning bool
	// Hairpin lets frames out by the port they came by; Isolated ports pass
	// frames to no isolated port.
	Hairpin, Isolated bool
	// Flood, MulticastFlood and BroadcastFlood tell which frames to nobody in
	// particular leave by the port.
	Flood, MulticastFlood, BroadcastFlood bool
	// GroupForward is as the bridge's, for frames that come by this port.
	GroupForward uint16
	VLANs        VLANs
}

// VLANs are those that a port of a bridge belongs to.
type VLANs struct {
	PVID uint16 // of frames without a tag, 0 for none
	// Member has a bit for each VLAN, Untagged for those whose frames leave
	// without a tag.
	Member, Untagged [64]uint64
}

// Add makes the port a member of VLAN vid.
func (v *VLANs) Add(vid uint16, pvid, untagged bool) {
	word, bit := vid>>6&63, uint64(1)<<(vid&63)
	v.Member[word] |= bit
	if v.Untagged[word] &^= bit; untagged {
		v.Untagged[word] |= bit
	}
	if pvid {
		v.PVID = vid
	}
}

// Has reports whether the port is a member of VLAN vid, and whether its frames
// leave without a tag.
func (v *VLANs) Has(vid uint16) (member, untagged bool) {
	word, bit := vid>>6&63, uint64(1)<<(vid&63)
	return v.Member[word]&bit != 0, v.Untagged[word]&bit != 0
}
