//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// syn sends TCP connection requests from addresses and ports that are nobody's
// (198.18.0.0/15) by an interface, at most perSecond a second.
func syn(iface, mac, to string, perSecond int, d time.Duration) {
	link, err := net.InterfaceByName(iface)
	check(err)
	dst, err := net.ParseMAC(mac)
	check(err)
	addr, err := netip.ParseAddrPort(to)
	check(err)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	check(err)
	at := &unix.SockaddrLinklayer{Ifindex: link.Index}
	b := synFrame(dst, link.HardwareAddr, addr)
	n, begun := 0, time.Now()
	for time.Since(begun) < d {
		for n < int(time.Since(begun).Seconds()*float64(perSecond)) {
			ip, tcp := b[14:34], b[34:]
			binary.BigEndian.PutUint32(ip[12:], 198<<24|18<<16|rand.Uint32()>>15)
			binary.BigEndian.PutUint16(tcp, uint16(1024+rand.IntN(60000)))
			binary.BigEndian.PutUint32(tcp[4:], rand.Uint32())
			ip[10], ip[11], tcp[16], tcp[17] = 0, 0, 0, 0
			binary.BigEndian.PutUint16(ip[10:], ^sum(0, ip))
			binary.BigEndian.PutUint16(tcp[16:], ^sum(uint32(unix.IPPROTO_TCP+len(tcp)), ip[12:], tcp))
			_ = unix.Sendto(fd, b, 0, at)
			n++
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Println(n)
}

// synFrame is a frame with all but the source and the checksums.
func synFrame(dst, src net.HardwareAddr, to netip.AddrPort) []byte {
	b := append(append(append([]byte{}, dst...), src...), 8, 0)
	b = append(b, 0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, unix.IPPROTO_TCP, 0, 0, 0, 0, 0, 0)
	b = append(b, to.Addr().AsSlice()...)
	b = binary.BigEndian.AppendUint16(append(b, 0, 0), to.Port())
	return append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2, 0xfa, 0xf0, 0, 0, 0, 0)
}

// sum is the Internet checksum's sum (RFC 1071) of pieces of even length.
func sum(s uint32, pieces ...[]byte) uint16 {
	for _, b := range pieces {
		for i := 0; i+1 < len(b); i += 2 {
			s += uint32(binary.BigEndian.Uint16(b[i:]))
		}
	}
	for s>>16 != 0 {
		s = s&0xffff + s>>16
	}
	return uint16(s)
}
