package proto

import "nfvm/datatype"

// A Key is a piece of metadata: meta, ct or rt. Its position in the table is
// the kernel's number.
type Key struct {
	Name  string
	Type  *datatype.Type
	Len   int // bits
	Order datatype.Byteorder
	// Bare keys are listed without the word meta.
	Bare bool
	// Dir tells whether a ct key takes a direction.
	Dir DirUse
}

// DirUse tells how a ct key goes with `original` and `reply`.
type DirUse uint8

const (
	DirNever DirUse = iota
	DirOptional
	DirRequired
)

const (
	host = datatype.HostEnd
	net  = datatype.BigEndian
)

// MetaKeys are the keys of `meta`, indexed by the kernel's number (enum
// nft_meta_keys).
var MetaKeys = []Key{
	0:  {Name: "length", Type: datatype.Integer, Len: 32, Order: host},
	1:  {Name: "protocol", Type: datatype.EtherType, Len: 16, Order: net},
	2:  {Name: "priority", Type: datatype.ClassID, Len: 32, Order: host},
	3:  {Name: "mark", Type: datatype.Mark, Len: 32, Order: host},
	4:  {Name: "iif", Type: datatype.IfaceIndex, Len: 32, Order: host, Bare: true},
	5:  {Name: "oif", Type: datatype.IfaceIndex, Len: 32, Order: host, Bare: true},
	6:  {Name: "iifname", Type: datatype.IfName, Len: 128, Order: host, Bare: true},
	7:  {Name: "oifname", Type: datatype.IfName, Len: 128, Order: host, Bare: true},
	8:  {Name: "iiftype", Type: datatype.IfaceType, Len: 16, Order: host},
	9:  {Name: "oiftype", Type: datatype.IfaceType, Len: 16, Order: host},
	10: {Name: "skuid", Type: datatype.UID, Len: 32, Order: host},
	11: {Name: "skgid", Type: datatype.GID, Len: 32, Order: host},
	12: {Name: "nftrace", Type: datatype.Integer, Len: 1, Order: host},
	13: {Name: "rtclassid", Type: datatype.Realm, Len: 32, Order: host},
	14: {Name: "secmark", Type: datatype.Integer, Len: 32, Order: host},
	15: {Name: "nfproto", Type: datatype.NFProto, Len: 8, Order: host},
	16: {Name: "l4proto", Type: datatype.InetProto, Len: 8, Order: net},
	17: {Name: "ibrname", Type: datatype.IfName, Len: 128, Order: host},
	18: {Name: "obrname", Type: datatype.IfName, Len: 128, Order: host},
	19: {Name: "pkttype", Type: datatype.PktType, Len: 8, Order: host},
	20: {Name: "cpu", Type: datatype.Integer, Len: 32, Order: host},
	21: {Name: "iifgroup", Type: datatype.DevGroup, Len: 32, Order: host, Bare: true},
	22: {Name: "oifgroup", Type: datatype.DevGroup, Len: 32, Order: host, Bare: true},
	23: {Name: "cgroup", Type: datatype.Integer, Len: 32, Order: host},
	24: {Name: "random", Type: datatype.Integer, Len: 32, Order: net},
	25: {Name: "ipsec", Type: datatype.Boolean, Len: 8, Order: host},
	26: {Name: "iifkind", Type: datatype.IfName, Len: 128, Order: host},
	27: {Name: "oifkind", Type: datatype.IfName, Len: 128, Order: host},
	28: {Name: "ibrpvid", Type: datatype.Integer, Len: 16, Order: host},
	29: {Name: "ibrvproto", Type: datatype.EtherType, Len: 16, Order: net},
	30: {Name: "time", Type: datatype.Date, Len: 64, Order: host},
	31: {Name: "day", Type: datatype.Day, Len: 8, Order: host},
	32: {Name: "hour", Type: datatype.Hour, Len: 32, Order: host},
	33: {Name: "sdif", Type: datatype.IfaceIndex, Len: 32, Order: host},
	34: {Name: "sdifname", Type: datatype.IfName, Len: 128, Order: host},
	35: {Name: "broute", Type: datatype.Integer, Len: 1, Order: host},
	36: {Name: "ibrhwaddr", Type: datatype.EtherAddr, Len: 48, Order: net},
}

// CTKeys are the keys of `ct`, indexed by the kernel's number (enum
// nft_ct_keys). saddr, daddr, proto-src and proto-dst have the type of what
// the rule matched before.
var CTKeys = []Key{
	0:  {Name: "state", Type: datatype.CTState, Len: 32, Order: host},
	1:  {Name: "direction", Type: datatype.CTDir, Len: 8, Order: host},
	2:  {Name: "status", Type: datatype.CTStatus, Len: 32, Order: host},
	3:  {Name: "mark", Type: datatype.Mark, Len: 32, Order: host},
	4:  {Name: "secmark", Type: datatype.Integer, Len: 32, Order: host},
	5:  {Name: "expiration", Type: datatype.Time, Len: 32, Order: host},
	6:  {Name: "helper", Type: datatype.String, Len: 128, Order: host},
	7:  {Name: "l3proto", Type: datatype.NFProto, Len: 8, Order: host, Dir: DirOptional},
	8:  {Name: "saddr", Type: datatype.IPv4Addr, Len: 0, Order: net, Dir: DirRequired},
	9:  {Name: "daddr", Type: datatype.IPv4Addr, Len: 0, Order: net, Dir: DirRequired},
	10: {Name: "protocol", Type: datatype.InetProto, Len: 8, Order: net, Dir: DirOptional},
	11: {Name: "proto-src", Type: datatype.InetService, Len: 16, Order: net, Dir: DirRequired},
	12: {Name: "proto-dst", Type: datatype.InetService, Len: 16, Order: net, Dir: DirRequired},
	13: {Name: "label", Type: datatype.CTLabel, Len: 128, Order: host},
	14: {Name: "packets", Type: datatype.Integer, Len: 64, Order: host, Dir: DirOptional},
	15: {Name: "bytes", Type: datatype.Integer, Len: 64, Order: host, Dir: DirOptional},
	16: {Name: "avgpkt", Type: datatype.Integer, Len: 64, Order: host, Dir: DirOptional},
	17: {Name: "zone", Type: datatype.Integer, Len: 16, Order: host, Dir: DirOptional},
	18: {Name: "event", Type: datatype.CTEvent, Len: 32, Order: host},
	19: {Name: "ip saddr", Type: datatype.IPv4Addr, Len: 32, Order: net, Dir: DirRequired},
	20: {Name: "ip daddr", Type: datatype.IPv4Addr, Len: 32, Order: net, Dir: DirRequired},
	21: {Name: "ip6 saddr", Type: datatype.IPv6Addr, Len: 128, Order: net, Dir: DirRequired},
	22: {Name: "ip6 daddr", Type: datatype.IPv6Addr, Len: 128, Order: net, Dir: DirRequired},
	23: {Name: "id", Type: datatype.Integer, Len: 32, Order: net},
}

// RtKeys are the keys of `rt`, indexed by the kernel's number (enum
// nft_rt_keys).
var RtKeys = []Key{
	0: {Name: "classid", Type: datatype.Realm, Len: 32, Order: host},
	1: {Name: "ip nexthop", Type: datatype.IPv4Addr, Len: 32, Order: net},
	2: {Name: "ip6 nexthop", Type: datatype.IPv6Addr, Len: 128, Order: net},
	3: {Name: "mtu", Type: datatype.Integer, Len: 16, Order: host},
	4: {Name: "ipsec", Type: datatype.Boolean, Len: 8, Order: host},
}

// FindKey finds a key by name; its index in the table is the kernel's number.
func FindKey(table []Key, name string) (int, bool) {
	for i := range table {
		if table[i].Name == name {
			return i, true
		}
	}
	return 0, false
}
