package replay

import (
	"encoding/binary"
	"net/netip"
)

// arpNames are the operations of RFC 826.
var arpNames = map[uint16]string{1: "request", 2: "reply"}

// arpFlow describes ARP for IPv4 over Ethernet by who asks or tells whom, not ok for
// another.
func arpFlow(b []byte) (f flow, ok bool) {
	const size, ipv4OverEthernet = 28, "\x00\x01\x08\x00\x06\x04"
	if len(b) < size || string(b[:6]) != ipv4OverEthernet {
		return flow{}, false
	}
	return flow{
		proto: "arp", note: arpNames[binary.BigEndian.Uint16(b[6:])],
		src: netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[14:])), 0),
		dst: netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[24:])), 0),
	}, true
}
