package proto

import "nfvm/datatype"

// TCP is the TCP header (RFC 9293).
var TCP = &Desc{
	Name: "tcp", Base: Transport, Size: 160, Checksum: 128,
	Fields: []Field{
		field("sport", datatype.InetService, 0, 16),
		field("dport", datatype.InetService, 16, 16),
		number("sequence", 32, 32),
		number("ackseq", 64, 32),
		number("doff", 96, 4),
		number("reserved", 100, 4),
		field("flags", datatype.TCPFlag, 104, 8),
		number("window", 112, 16),
		number("checksum", 128, 16),
		number("urgptr", 144, 16),
	},
}

// UDP is the UDP header (RFC 768); a checksum of 0 means none.
var UDP = &Desc{
	Name: "udp", Base: Transport, Size: 64, Checksum: 48,
	Fields: []Field{
		field("sport", datatype.InetService, 0, 16),
		field("dport", datatype.InetService, 16, 16),
		number("length", 32, 16),
		number("checksum", 48, 16),
	},
}

// UDPLite is the UDP-Lite header (RFC 3828).
var UDPLite = &Desc{
	Name: "udplite", Base: Transport, Size: 64, Checksum: -1,
	Fields: []Field{
		field("sport", datatype.InetService, 0, 16),
		field("dport", datatype.InetService, 16, 16),
		number("csumcov", 32, 16),
		number("checksum", 48, 16),
	},
}

// DCCP is the DCCP header (RFC 4340).
var DCCP = &Desc{
	Name: "dccp", Base: Transport, Size: 96, Checksum: -1,
	Fields: []Field{
		field("sport", datatype.InetService, 0, 16),
		field("dport", datatype.InetService, 16, 16),
		field("type", datatype.DCCPPktType, 67, 4),
	},
}

// SCTP is the SCTP common header (RFC 9260); its checksum is a CRC32c.
var SCTP = &Desc{
	Name: "sctp", Base: Transport, Size: 96, Checksum: 64,
	Fields: []Field{
		field("sport", datatype.InetService, 0, 16),
		field("dport", datatype.InetService, 16, 16),
		number("vtag", 32, 32),
		number("checksum", 64, 32),
	},
}

// TH is the transport header of any protocol with ports.
var TH = &Desc{
	Name: "th", Base: Transport, Size: 32, Checksum: -1,
	Fields: []Field{
		field("sport", datatype.InetService, 0, 16),
		field("dport", datatype.InetService, 16, 16),
	},
}

// AH is the IPsec authentication header (RFC 4302).
var AH = &Desc{
	Name: "ah", Base: Transport, Size: 96, Key: "nexthdr", Checksum: -1,
	Fields: []Field{
		field("nexthdr", datatype.InetProto, 0, 8),
		number("hdrlength", 8, 8),
		number("reserved", 16, 16),
		number("spi", 32, 32),
		number("sequence", 64, 32),
	},
}

// ESP is the start of an IPsec ESP packet (RFC 4303).
var ESP = &Desc{
	Name: "esp", Base: Transport, Size: 64, Checksum: -1,
	Fields: []Field{
		number("spi", 0, 32),
		number("sequence", 32, 32),
	},
}

// Comp is the IPComp header (RFC 3173).
var Comp = &Desc{
	Name: "comp", Base: Transport, Size: 32, Key: "nexthdr", Checksum: -1,
	Fields: []Field{
		field("nexthdr", datatype.InetProto, 0, 8),
		field("flags", datatype.Bitmask, 8, 8),
		number("cpi", 16, 16),
	},
}

// GRE is the start of a GRE header (RFC 2784); nft 1.0.7 and later.
var GRE = &Desc{
	Name: "gre", Base: Transport, Size: 32, Key: "protocol", Checksum: -1,
	Fields: []Field{
		number("flags", 0, 5),
		number("version", 13, 3),
		field("protocol", datatype.EtherType, 16, 16),
	},
}

// Headers lists all headers.
var Headers = []*Desc{
	Ether, VLAN, ARP, IP, IP6, ICMP, ICMPv6, IGMP, TCP, UDP, UDPLite, DCCP, SCTP, TH, AH, ESP, Comp, GRE,
}

func init() {
	AH.Upper, Comp.Upper = transportUpper, transportUpper
}
