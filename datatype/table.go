package datatype

// The data types, with size in bits and byte order as nft declares them.
var (
	Verdict   = &Type{ID: IDVerdict, Name: "verdict", Desc: "netfilter verdict"}
	Integer   = &Type{ID: IDInteger, Name: "integer", Desc: "integer"}
	String    = &Type{ID: IDString, Name: "string", Desc: "string", Byteorder: HostEnd}
	Bitmask   = &Type{ID: IDBitmask, Name: "bitmask", Desc: "bitmask", Base: Integer, Hex: true}
	LLAddr    = &Type{ID: IDLLAddr, Name: "ll_addr", Desc: "link layer address", Byteorder: BigEndian, Base: Integer}
	IPv4Addr  = num(IDIPv4Addr, "ipv4_addr", "IPv4 address", 32, BigEndian, nil)
	IPv6Addr  = num(IDIPv6Addr, "ipv6_addr", "IPv6 address", 128, BigEndian, nil)
	EtherAddr = &Type{ID: IDEtherAddr, Name: "ether_addr", Desc: "Ethernet address", Size: 48, Byteorder: BigEndian, Base: LLAddr}

	NFProto     = num(IDNFProto, "nf_proto", "netfilter protocol", 8, HostEnd, nfProtoSymbols)
	EtherType   = hex(num(IDEtherType, "ether_type", "Ethernet protocol", 16, BigEndian, etherTypeSymbols), 4)
	ARPOp       = num(IDARPOp, "arp_op", "ARP operation", 16, BigEndian, arpOpSymbols)
	InetProto   = num(IDInetProto, "inet_proto", "Internet protocol", 8, BigEndian, nil)
	InetService = num(IDInetService, "inet_service", "internet network service", 16, BigEndian, nil)
	ICMPType    = num(IDICMPType, "icmp_type", "ICMP type", 8, BigEndian, icmpTypeSymbols)
	ICMPCode    = num(IDICMPCode, "icmp_code", "icmp code", 8, BigEndian, icmpCodeSymbols)
	ICMPv6Type  = num(IDICMPv6Type, "icmpv6_type", "ICMPv6 type", 8, BigEndian, icmpv6TypeSymbols)
	ICMPv6Code  = num(IDICMPv6Code, "icmpv6_code", "icmpv6 code", 8, BigEndian, icmpv6CodeSymbols)
	ICMPXCode   = num(IDICMPXCode, "icmpx_code", "icmpx code", 8, BigEndian, icmpxCodeSymbols)
	IGMPType    = num(IDIGMPType, "igmp_type", "IGMP type", 8, BigEndian, igmpTypeSymbols)
	TCPFlag     = mask(IDTCPFlag, "tcp_flag", "TCP flag", 8, BigEndian, tcpFlagSymbols)
	DCCPPktType = num(IDDCCPPktType, "dccp_pkttype", "DCCP packet type", 4, BigEndian, dccpTypeSymbols)
	MHType      = num(IDMHType, "mh_type", "Mobility Header Type", 8, BigEndian, mhTypeSymbols)
	DSCP        = hex(num(IDDSCP, "dscp", "Differentiated Services Code Point", 6, BigEndian, dscpSymbols), 2)
	ECN         = hex(num(IDECN, "ecn", "Explicit Congestion Notification", 2, BigEndian, ecnSymbols), 1)

	Mark       = hex(num(IDMark, "mark", "packet mark", 32, HostEnd, nil), 8)
	IfaceIndex = num(IDIfaceIndex, "iface_index", "network interface index", 32, HostEnd, nil)
	IfaceType  = num(IDIfaceType, "iface_type", "network interface type", 16, HostEnd, ifaceTypeSymbols)
	IfName     = &Type{ID: IDIfName, Name: "ifname", Desc: "network interface name", Size: 128, Byteorder: HostEnd, Base: String}
	Realm      = num(IDRealm, "realm", "routing realm", 32, HostEnd, realmSymbols)
	ClassID    = num(IDClassID, "classid", "TC classid", 32, HostEnd, nil)
	PktType    = num(IDPktType, "pkt_type", "packet type", 8, HostEnd, pktTypeSymbols)
	UID        = num(IDUID, "uid", "user ID", 32, HostEnd, nil)
	GID        = num(IDGID, "gid", "group ID", 32, HostEnd, nil)
	DevGroup   = num(IDDevGroup, "devgroup", "devgroup name", 32, HostEnd, devGroupSymbols)
	FibAddr    = num(IDFibAddr, "fib_addrtype", "fib address type", 32, HostEnd, fibAddrSymbols)
	Boolean    = num(IDBoolean, "boolean", "boolean type", 1, HostEnd, booleanSymbols)
	CgroupV2   = num(IDCgroupV2, "cgroupsv2", "cgroupsv2 path", 64, HostEnd, nil)

	CTState  = mask(IDCTState, "ct_state", "conntrack state", 32, HostEnd, ctStateSymbols)
	CTDir    = num(IDCTDir, "ct_dir", "conntrack direction", 8, HostEnd, ctDirSymbols)
	CTStatus = newer(mask(IDCTStatus, "ct_status", "conntrack status", 32, HostEnd, ctStatusSymbols), ctStatusNewer)
	CTLabel  = mask(IDCTLabel, "ct_label", "conntrack label", 128, HostEnd, nil)
	CTEvent  = mask(IDCTEvent, "ct_event", "conntrack event bits", 32, HostEnd, ctEventSymbols)

	Time = num(IDTime, "time", "relative time", 32, HostEnd, nil)
	Date = num(IDDate, "time", "Relative time of packet reception", 64, HostEnd, nil)
	Hour = num(IDHour, "hour", "Hour of day of packet reception", 32, HostEnd, nil)
	Day  = num(IDDay, "day", "Day of week of packet reception", 8, HostEnd, daySymbols)
)

func num(id uint32, name, desc string, bits int, order Byteorder, symbols []Symbol) *Type {
	return &Type{ID: id, Name: name, Desc: desc, Size: bits, Byteorder: order, Base: Integer, Symbols: symbols}
}

func mask(id uint32, name, desc string, bits int, order Byteorder, symbols []Symbol) *Type {
	return &Type{ID: id, Name: name, Desc: desc, Size: bits, Byteorder: order, Base: Bitmask, Symbols: symbols, Hex: true}
}

func hex(t *Type, digits int) *Type {
	t.Hex, t.HexDigits = true, digits
	return t
}

func newer(t *Type, names []Symbol) *Type {
	t.Newer = names
	return t
}

// all lists the types that can be found by number or name. Date comes after
// Time: both are called "time", and the name means the relative one.
var all = []*Type{
	Verdict, NFProto, Bitmask, Integer, String, LLAddr, IPv4Addr, IPv6Addr, EtherAddr, EtherType, ARPOp,
	InetProto, InetService, ICMPType, TCPFlag, DCCPPktType, MHType, Time, Mark, IfaceIndex, IfaceType,
	Realm, ClassID, UID, GID, CTState, CTDir, CTStatus, ICMPv6Type, CTLabel, PktType, ICMPCode, ICMPv6Code,
	ICMPXCode, DevGroup, DSCP, ECN, FibAddr, Boolean, CTEvent, IfName, IGMPType, Date, Hour, Day, CgroupV2,
}

var byID, byName = indexTypes()

func indexTypes() (map[uint32]*Type, map[string]*Type) {
	ids, names := map[uint32]*Type{}, map[string]*Type{}
	for _, t := range all {
		ids[t.ID] = t
		if names[t.Name] == nil {
			names[t.Name] = t
		}
	}
	return ids, names
}

// ByName finds a type by its name in a set's `type`, or nil.
func ByName(name string) *Type { return byName[name] }

// Names lists the names that ByName knows, in the order of their numbers.
func Names() []string {
	var names []string
	for _, t := range all {
		if byName[t.Name] == t {
			names = append(names, t.Name)
		}
	}
	return names
}
