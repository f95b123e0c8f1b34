package proto

import (
	"nfvm/datatype"
	"nfvm/nf"
)

// Ether is the Ethernet header.
var Ether = &Desc{
	Name: "ether", Base: Link, Size: 112, Key: "type", Checksum: -1,
	Fields: []Field{
		field("daddr", datatype.EtherAddr, 0, 48),
		field("saddr", datatype.EtherAddr, 48, 48),
		field("type", datatype.EtherType, 96, 16),
	},
}

// VLAN is an IEEE 802.1Q tag; it follows Ether or another tag.
var VLAN = &Desc{
	Name: "vlan", Base: Link, Size: 32, Key: "type", Checksum: -1,
	Fields: []Field{
		number("pcp", 0, 3),
		number("dei", 3, 1),
		number("cfi", 3, 1),
		number("id", 4, 12),
		field("type", datatype.EtherType, 16, 16),
	},
}

// ARP is an Ethernet and IPv4 ARP packet.
var ARP = &Desc{
	Name: "arp", Base: Network, Size: 224, Checksum: -1,
	Fields: []Field{
		number("htype", 0, 16),
		field("ptype", datatype.EtherType, 16, 16),
		number("hlen", 32, 8),
		number("plen", 40, 8),
		field("operation", datatype.ARPOp, 48, 16),
		field("saddr ether", datatype.EtherAddr, 64, 48),
		field("saddr ip", datatype.IPv4Addr, 112, 32),
		field("daddr ether", datatype.EtherAddr, 144, 48),
		field("daddr ip", datatype.IPv4Addr, 192, 32),
	},
}

// linkUpper are the EtherTypes that nft knows.
var linkUpper = []Upper{
	{nf.EtherTypeIPv4, IP},
	{nf.EtherTypeARP, ARP},
	{nf.EtherTypeIPv6, IP6},
	{nf.EtherTypeVLAN, VLAN},
	{nf.EtherTypeQinQ, VLAN},
}

// EtherTypes is the layer below a network header when no link header was
// matched: `meta protocol` selects it (netdev and bridge families).
var EtherTypes = &Desc{Name: "netdev", Base: Link, Key: "", Checksum: -1, Upper: []Upper{
	{nf.EtherTypeIPv4, IP},
	{nf.EtherTypeARP, ARP},
	{nf.EtherTypeIPv6, IP6},
	{nf.EtherTypeVLAN, VLAN},
}}

// Inet is the layer below a transport header when no network header was
// matched: `meta l4proto` selects it.
var Inet = &Desc{Name: "inet", Base: Network, Checksum: -1, Upper: transportUpper}

// InetFamilies is the layer below IP and IPv6 in inet tables: `meta nfproto`.
var InetFamilies = &Desc{Name: "inet", Base: Link, Checksum: -1, Upper: []Upper{
	{uint32(nf.FamilyIPv4), IP},
	{uint32(nf.FamilyIPv6), IP6},
}}

func init() {
	Ether.Upper, VLAN.Upper = linkUpper, linkUpper
}
