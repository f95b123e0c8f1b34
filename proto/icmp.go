package proto

import "nfvm/datatype"

// Types of ICMP and ICMPv6 messages on which fields depend.
var (
	icmpEcho        = []uint8{0, 8}
	icmpRedirect    = []uint8{5}
	icmpUnreachable = []uint8{3}

	icmpv6Echo         = []uint8{128, 129}
	icmpv6ParamProblem = []uint8{4}
	icmpv6TooBig       = []uint8{2}
	icmpv6MLDQuery     = []uint8{130}
	icmpv6Redirect     = []uint8{137}
	icmpv6Target       = []uint8{130, 131, 132, 135, 136, 137}
)

// ICMP is the ICMP header (RFC 792).
var ICMP = &Desc{
	Name: "icmp", Base: Transport, Size: 64, Checksum: 16,
	Fields: []Field{
		field("type", datatype.ICMPType, 0, 8),
		field("code", datatype.ICMPCode, 8, 8),
		number("checksum", 16, 16),
		needing(number("id", 32, 16), icmpEcho),
		needing(number("sequence", 48, 16), icmpEcho),
		needing(number("gateway", 32, 32), icmpRedirect),
		needing(number("mtu", 48, 16), icmpUnreachable),
	},
}

// ICMPv6 is the ICMPv6 header (RFC 4443, RFC 2710, RFC 4861).
var ICMPv6 = &Desc{
	Name: "icmpv6", Base: Transport, Size: 64, Checksum: 16,
	Fields: []Field{
		field("type", datatype.ICMPv6Type, 0, 8),
		field("code", datatype.ICMPv6Code, 8, 8),
		number("checksum", 16, 16),
		needing(number("parameter-problem", 32, 32), icmpv6ParamProblem),
		needing(number("mtu", 32, 32), icmpv6TooBig),
		needing(number("id", 32, 16), icmpv6Echo),
		needing(number("sequence", 48, 16), icmpv6Echo),
		needing(number("max-delay", 32, 16), icmpv6MLDQuery),
		needing(field("taddr", datatype.IPv6Addr, 64, 128), icmpv6Target),
		needing(field("daddr", datatype.IPv6Addr, 192, 128), icmpv6Redirect),
	},
}

// IGMP is the IGMP header (RFC 2236).
var IGMP = &Desc{
	Name: "igmp", Base: Transport, Size: 64, Checksum: 16,
	Fields: []Field{
		field("type", datatype.IGMPType, 0, 8),
		number("mrt", 8, 8),
		number("checksum", 16, 16),
		number("group", 32, 32),
	},
}

func needing(f Field, types []uint8) Field {
	f.Needs = types
	return f
}
