package proto

import (
	"nfvm/datatype"
	"nfvm/nf"
)

// IP is the IPv4 header (RFC 791).
var IP = &Desc{
	Name: "ip", Base: Network, Size: 160, Key: "protocol", Checksum: 80, Upper: transportUpper,
	Fields: []Field{
		number("version", 0, 4),
		number("hdrlength", 4, 4),
		field("dscp", datatype.DSCP, 8, 6),
		field("ecn", datatype.ECN, 14, 2),
		number("length", 16, 16),
		number("id", 32, 16),
		number("frag-off", 48, 16),
		number("ttl", 64, 8),
		field("protocol", datatype.InetProto, 72, 8),
		number("checksum", 80, 16),
		field("saddr", datatype.IPv4Addr, 96, 32),
		field("daddr", datatype.IPv4Addr, 128, 32),
	},
}

// IP6 is the IPv6 header (RFC 8200).
var IP6 = &Desc{
	Name: "ip6", Base: Network, Size: 320, Key: "nexthdr", Checksum: -1, Upper: transportUpper,
	Fields: []Field{
		number("version", 0, 4),
		field("dscp", datatype.DSCP, 4, 6),
		field("ecn", datatype.ECN, 10, 2),
		number("flowlabel", 12, 20),
		number("length", 32, 16),
		field("nexthdr", datatype.InetProto, 48, 8),
		number("hoplimit", 56, 8),
		field("saddr", datatype.IPv6Addr, 64, 128),
		field("daddr", datatype.IPv6Addr, 192, 128),
	},
}

// transportUpper are the Internet protocols that nft knows as headers.
var transportUpper = []Upper{
	{nf.ProtoICMP, ICMP},
	{nf.ProtoIGMP, IGMP},
	{nf.ProtoESP, ESP},
	{nf.ProtoAH, AH},
	{108, Comp},
	{nf.ProtoUDP, UDP},
	{nf.ProtoUDPLite, UDPLite},
	{nf.ProtoTCP, TCP},
	{nf.ProtoDCCP, DCCP},
	{nf.ProtoSCTP, SCTP},
	{nf.ProtoICMPv6, ICMPv6},
	{nf.ProtoGRE, GRE},
}
