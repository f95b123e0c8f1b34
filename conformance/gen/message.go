package gen

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"

	"nfvm/packet"
)

// oddMessage draws a type of ICMP that is neither an echo nor an error.
func oddMessage(r source, six bool) string {
	if six {
		return pick(r, "151", "152", "139", "140", "128/1", "200")
	}
	return pick(r, "timestamp-request", "timestamp-reply", "info-request", "address-mask-request", "echo-request/1", "9", "10", "30")
}

// number is a port, or 0 where it was drawn and is known by name only.
func number(port string) uint16 {
	n, _ := strconv.Atoi(port)
	return uint16(n)
}

// lite draws a UDPlite datagram. Its checksum is the one of RFC 3828 or the one that
// the kernel takes for right, over a pseudo header with the number of UDP.
func lite(r source, src, dst, sport, dport string) string {
	text := "hello, lite"
	b := binary.BigEndian.AppendUint16(nil, number(sport))
	b = binary.BigEndian.AppendUint16(b, number(dport))
	b = binary.BigEndian.AppendUint16(b, pick[uint16](r, 0, 0, 8, 12, 7, 100))
	b = append(append(b, 0, 0), text...)
	const udp, lite = 17, 136
	pseudo := append(netip.MustParseAddr(src).AsSlice(), netip.MustParseAddr(dst).AsSlice()...)
	pseudo = binary.BigEndian.AppendUint16(append(pseudo, 0, pick[byte](r, udp, udp, lite)), uint16(len(b)))
	sum := ^packet.Fold(packet.Sum16(pseudo) + packet.Sum16(b))
	if r.chance(10) {
		sum = 0
	}
	binary.BigEndian.PutUint16(b[6:], sum)
	return fmt.Sprintf("0x%x", b)
}
