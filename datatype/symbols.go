package datatype

var nfProtoSymbols = []Symbol{{"ipv4", 2}, {"ipv6", 10}}

var etherTypeSymbols = []Symbol{
	{"ip", 0x0800}, {"arp", 0x0806}, {"ip6", 0x86dd}, {"8021q", 0x8100}, {"8021ad", 0x88a8}, {"vlan", 0x8100},
}

var arpOpSymbols = []Symbol{
	{"request", 1}, {"reply", 2}, {"rrequest", 3}, {"rreply", 4}, {"inrequest", 8}, {"inreply", 9}, {"nak", 10},
}

var icmpTypeSymbols = []Symbol{
	{"echo-reply", 0}, {"destination-unreachable", 3}, {"source-quench", 4}, {"redirect", 5},
	{"echo-request", 8}, {"router-advertisement", 9}, {"router-solicitation", 10}, {"time-exceeded", 11},
	{"parameter-problem", 12}, {"timestamp-request", 13}, {"timestamp-reply", 14}, {"info-request", 15},
	{"info-reply", 16}, {"address-mask-request", 17}, {"address-mask-reply", 18},
}

var icmpCodeSymbols = []Symbol{
	{"net-unreachable", 0}, {"host-unreachable", 1}, {"prot-unreachable", 2}, {"port-unreachable", 3},
	{"net-prohibited", 9}, {"host-prohibited", 10}, {"admin-prohibited", 13}, {"frag-needed", 4},
}

var icmpv6TypeSymbols = []Symbol{
	{"destination-unreachable", 1}, {"packet-too-big", 2}, {"time-exceeded", 3}, {"parameter-problem", 4},
	{"echo-request", 128}, {"echo-reply", 129}, {"mld-listener-query", 130}, {"mld-listener-report", 131},
	{"mld-listener-done", 132}, {"mld-listener-reduction", 132}, {"nd-router-solicit", 133},
	{"nd-router-advert", 134}, {"nd-neighbor-solicit", 135}, {"nd-neighbor-advert", 136}, {"nd-redirect", 137},
	{"router-renumbering", 138}, {"ind-neighbor-solicit", 141}, {"ind-neighbor-advert", 142},
	{"mld2-listener-report", 143},
}

var icmpv6CodeSymbols = []Symbol{
	{"no-route", 0}, {"admin-prohibited", 1}, {"addr-unreachable", 3}, {"port-unreachable", 4},
	{"policy-fail", 5}, {"reject-route", 6},
}

var icmpxCodeSymbols = []Symbol{
	{"port-unreachable", 1}, {"admin-prohibited", 3}, {"no-route", 0}, {"host-unreachable", 2},
}

var igmpTypeSymbols = []Symbol{
	{"membership-query", 17}, {"membership-report-v1", 18}, {"membership-report-v2", 22},
	{"membership-report-v3", 34}, {"leave-group", 23},
}

var tcpFlagSymbols = []Symbol{
	{"fin", 1}, {"syn", 2}, {"rst", 4}, {"psh", 8}, {"ack", 0x10}, {"urg", 0x20}, {"ecn", 0x40}, {"cwr", 0x80},
}

var dccpTypeSymbols = []Symbol{
	{"request", 0}, {"response", 1}, {"data", 2}, {"ack", 3}, {"dataack", 4}, {"closereq", 5}, {"close", 6},
	{"reset", 7}, {"sync", 8}, {"syncack", 9},
}

var mhTypeSymbols = []Symbol{
	{"binding-refresh-request", 0}, {"home-test-init", 1}, {"careof-test-init", 2}, {"home-test", 3},
	{"careof-test", 4}, {"binding-update", 5}, {"binding-acknowledgement", 6}, {"binding-error", 7},
	{"fast-binding-update", 8}, {"fast-binding-acknowledgement", 9}, {"fast-binding-advertisement", 10},
	{"experimental-mobility-header", 11}, {"home-agent-switch-message", 12},
}

var dscpSymbols = []Symbol{
	{"cs0", 0x00}, {"cs1", 0x08}, {"cs2", 0x10}, {"cs3", 0x18}, {"cs4", 0x20}, {"cs5", 0x28}, {"cs6", 0x30},
	{"cs7", 0x38}, {"df", 0x00}, {"be", 0x00}, {"lephb", 0x01}, {"af11", 0x0a}, {"af12", 0x0c}, {"af13", 0x0e},
	{"af21", 0x12}, {"af22", 0x14}, {"af23", 0x16}, {"af31", 0x1a}, {"af32", 0x1c}, {"af33", 0x1e},
	{"af41", 0x22}, {"af42", 0x24}, {"af43", 0x26}, {"va", 0x2c}, {"ef", 0x2e},
}

var ecnSymbols = []Symbol{{"not-ect", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}}

var ifaceTypeSymbols = []Symbol{
	{"ether", 1}, {"ppp", 512}, {"ipip", 768}, {"ipip6", 769}, {"loopback", 772}, {"sit", 776}, {"ipgre", 778},
}

var realmSymbols = []Symbol{{"cosmos", 0}}

var devGroupSymbols = []Symbol{{"default", 0}}

var pktTypeSymbols = []Symbol{
	{"host", 0}, {"unicast", 0}, {"broadcast", 1}, {"multicast", 2}, {"other", 3},
}

var fibAddrSymbols = []Symbol{
	{"unspec", 0}, {"unicast", 1}, {"local", 2}, {"broadcast", 3}, {"anycast", 4}, {"multicast", 5},
	{"blackhole", 6}, {"unreachable", 7}, {"prohibit", 8},
}

var booleanSymbols = []Symbol{{"exists", 1}, {"missing", 0}}

var ctStateSymbols = []Symbol{
	{"invalid", 1}, {"new", 8}, {"established", 2}, {"related", 4}, {"untracked", 0x40},
}

var ctDirSymbols = []Symbol{{"original", 0}, {"reply", 1}}

var ctStatusSymbols = []Symbol{
	{"expected", 1}, {"seen-reply", 2}, {"assured", 4}, {"confirmed", 8}, {"snat", 0x10}, {"dnat", 0x20},
	{"dying", 0x200},
}

// ctStatusNewer are the bits that nft 1.1 names; for the last three it takes the
// number of the bit where the mask is meant.
var ctStatusNewer = []Symbol{
	{"seq-adjust", 0x40}, {"snat-done", 0x80}, {"dnat-done", 0x100}, {"fixed-timeout", 0x400},
	{"helper", 13}, {"offload", 14}, {"hw-offload", 15},
}

var ctEventSymbols = []Symbol{
	{"new", 1}, {"related", 2}, {"destroy", 4}, {"reply", 8}, {"assured", 16}, {"protoinfo", 32},
	{"helper", 64}, {"mark", 128}, {"seqadj", 256}, {"secmark", 512}, {"label", 1024},
}

var daySymbols = []Symbol{
	{"Sunday", 0}, {"Monday", 1}, {"Tuesday", 2}, {"Wednesday", 3}, {"Thursday", 4}, {"Friday", 5}, {"Saturday", 6},
}

// symbol finds the first name of a value.
func symbol(tab []Symbol, v uint64) (string, bool) {
	for _, s := range tab {
		if s.Value == v {
			return s.Name, true
		}
	}
	return "", false
}

// symbolValue finds a value by name.
func symbolValue(tab []Symbol, name string) (uint64, bool) {
	for _, s := range tab {
		if s.Name == name {
			return s.Value, true
		}
	}
	return 0, false
}

// MPTCPSubtype is the type of `tcp option mptcp subtype` (RFC 8684). It has no
// name in declarations: a set of it is one of a typeof.
var MPTCPSubtype = &Type{ID: IDInteger, Name: "mptcpopt_subtype", Desc: "mptcp option subtype", Size: 4,
	Byteorder: BigEndian, Base: Integer, Symbols: []Symbol{
		{"mp-capable", 0}, {"mp-join", 1}, {"dss", 2}, {"add-addr", 3}, {"remove-addr", 4}, {"mp-prio", 5},
		{"mp-fail", 6}, {"mp-fastclose", 7}, {"mp-tcprst", 8},
	}}
