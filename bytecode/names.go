package bytecode

import "fmt"

var baseNames = [...]string{"link", "network", "transport", "inner", "tunnel"}

// String gives the base's name in the listing, such as "network".
func (b PayloadBase) String() string { return nameOf(baseNames[:], int(b)) }

var metaNames = [...]string{
	"len", "protocol", "priority", "mark", "iif", "oif", "iifname", "oifname",
	"iiftype", "oiftype", "skuid", "skgid", "nftrace", "rtclassid", "secmark",
	"nfproto", "l4proto", "bri_iifname", "bri_oifname", "pkttype", "cpu",
	"iifgroup", "oifgroup", "cgroup", "prandom", "secpath", "iifkind", "oifkind",
	"bri_iifpvid", "bri_iifvproto", "time", "day", "hour", "sdif", "sdifname",
	"broute", "bri_iifhwaddr",
}

// String gives the key's name in the listing, such as "l4proto".
func (k MetaKey) String() string { return nameOf(metaNames[:], int(k)) }

// ctNames are those of nft 1.1; older listings say unknown for id.
var ctNames = [...]string{
	"state", "direction", "status", "mark", "secmark", "expiration", "helper",
	"l3protocol", "src", "dst", "protocol", "proto_src", "proto_dst", "label",
	"packets", "bytes", "avgpkt", "zone", "event", "src_ip", "dst_ip", "src_ip6",
	"dst_ip6", "id",
}

// String gives the key's name in the listing, such as "proto_src".
func (k CTKey) String() string { return nameOf(ctNames[:], int(k)) }

var cmpNames = [...]string{"eq", "neq", "lt", "lte", "gt", "gte"}

// String gives the comparison's name in the listing, such as "neq".
func (o CmpOp) String() string { return nameOf(cmpNames[:], int(o)) }

var byteorderNames = [...]string{"ntoh", "hton"}

// String is "ntoh" or "hton".
func (o ByteorderOp) String() string { return nameOf(byteorderNames[:], int(o)) }

var bitwiseNames = [...]string{"^", "<<", ">>", "&", "|", "^"}

// String gives the operator that the listing prints.
func (o BitwiseOp) String() string { return nameOf(bitwiseNames[:], int(o)) }

var limitNames = [...]string{"packets", "bytes"}

// String is "packets" or "bytes".
func (t LimitType) String() string { return nameOf(limitNames[:], int(t)) }

var natNames = [...]string{"snat", "dnat"}

// String is "snat" or "dnat".
func (t NATType) String() string { return nameOf(natNames[:], int(t)) }

var dynsetNames = [...]string{"add", "update", "delete"}

// String is "add", "update" or "delete".
func (o DynsetOp) String() string { return nameOf(dynsetNames[:], int(o)) }

var objectNames = [...]string{
	"", "counter", "quota", "ct helper", "limit", "ct count", "tunnel",
	"ct timeout", "secmark", "ct expectation", "synproxy",
}

// String gives the object type's name in the nft language, such as "ct helper".
func (t ObjectType) String() string { return nameOf(objectNames[:], int(t)) }

// The listing leaves the names of the last two kinds empty.
var exthdrNames = [...]string{"ipv6", "tcpopt", "ipv4", "", ""}

// String gives the kind's name in the listing, such as "tcpopt".
func (o ExthdrOp) String() string { return nameOf(exthdrNames[:], int(o)) }

var rtNames = [...]string{"classid", "nexthop4", "nexthop6", "tcpmss", "ipsec"}

// String gives the key's name in the listing, such as "nexthop4".
func (k RtKey) String() string { return nameOf(rtNames[:], int(k)) }

var fibResultNames = [...]string{"", "oif", "oifname", "type"}

var socketNames = [...]string{"transparent", "mark", "wildcard", "cgroupv2"}

var xfrmNames = [...]string{"unknown", "daddr4", "daddr6", "saddr4", "saddr6", "reqid", "spi"}

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("unknown(%d)", i)
}
