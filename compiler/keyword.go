package compiler

import (
	"nfvm/datatype"
	"nfvm/nf"
)

// keywords are the words that nft takes for a number of a type of their own
// wherever a value stands: `meta length { tcp, 8 }` is a set of 6 and 8.
var keywords = map[string]struct {
	typ *datatype.Type
	val uint64
}{
	"exists": {datatype.Boolean, 1}, "missing": {datatype.Boolean, 0},
	"redirect": {datatype.ICMPType, icmpRedirect},
	"icmp":     {datatype.InetProto, nf.ProtoICMP}, "igmp": {datatype.InetProto, nf.ProtoIGMP},
	"tcp": {datatype.InetProto, nf.ProtoTCP}, "udp": {datatype.InetProto, nf.ProtoUDP},
	"dccp": {datatype.InetProto, nf.ProtoDCCP}, "gre": {datatype.InetProto, nf.ProtoGRE},
	"esp": {datatype.InetProto, nf.ProtoESP}, "ah": {datatype.InetProto, nf.ProtoAH},
	"icmpv6": {datatype.InetProto, nf.ProtoICMPv6}, "comp": {datatype.InetProto, protoComp},
	"sctp": {datatype.InetProto, nf.ProtoSCTP}, "udplite": {datatype.InetProto, nf.ProtoUDPLite},
}

const (
	icmpRedirect = 5   // RFC 792
	protoComp    = 108 // RFC 3173
)
