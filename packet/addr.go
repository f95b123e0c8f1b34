package packet

import (
	"encoding/binary"
	"net/netip"

	"nfvm/nf"
)

// An Addr is an IPv4 or IPv6 address in network byte order. An IPv4 address
// fills the first four bytes and leaves the rest zero, as the kernel's union
// nf_inet_addr does; the family is known from elsewhere.
type Addr [16]byte

// Addr4 makes an IPv4 address from its number in host order (0x0a000001 is
// 10.0.0.1).
func Addr4(n uint32) (a Addr) {
	binary.BigEndian.PutUint32(a[:4], n)
	return a
}

// AddrFrom makes an address from a netip address; a mapped IPv4 address
// counts as IPv6.
func AddrFrom(n netip.Addr) (a Addr) {
	if n.Is4() {
		b := n.As4()
		copy(a[:], b[:])
		return a
	}
	return Addr(n.As16())
}

// addrOf copies a 4 or 16 byte address.
func addrOf(b []byte) (a Addr) {
	copy(a[:], b)
	return a
}

// V4 gives the IPv4 address as a number in host order.
func (a Addr) V4() uint32 { return binary.BigEndian.Uint32(a[:4]) }

// IsZero reports whether all bytes are zero.
func (a Addr) IsZero() bool { return a == Addr{} }

// Size is the size in bytes of an address of family f: 4 or 16.
func Size(f nf.Family) int {
	if f == nf.FamilyIPv4 {
		return 4
	}
	return 16
}

// Bytes gives the significant bytes of the address, 4 or 16. The slice aliases
// a.
func (a *Addr) Bytes(f nf.Family) []byte { return a[:Size(f)] }

// Netip gives the address as netip knows it.
func (a Addr) Netip(f nf.Family) netip.Addr {
	if f == nf.FamilyIPv4 {
		return netip.AddrFrom4([4]byte(a[:4]))
	}
	return netip.AddrFrom16(a)
}

// Text gives the address as inet_ntop(3) writes it, which shows an IPv4
// address in the last 32 bits where all before them are zero.
func (a Addr) Text(f nf.Family) string {
	if f != nf.FamilyIPv4 && [12]byte(a[:12]) == [12]byte{} && a[12]|a[13] != 0 {
		return "::" + netip.AddrFrom4([4]byte(a[12:])).String()
	}
	return a.Netip(f).String()
}

// IsMulticast reports whether the address is a multicast one (224.0.0.0/4 or
// ff00::/8).
func (a Addr) IsMulticast(f nf.Family) bool {
	if f == nf.FamilyIPv4 {
		return a[0]&0xf0 == 0xe0
	}
	return a[0] == 0xff
}

// IsLoopback reports whether the address is in 127.0.0.0/8 or is ::1.
func (a Addr) IsLoopback(f nf.Family) bool {
	if f == nf.FamilyIPv4 {
		return a[0] == 127
	}
	return a == Addr{15: 1}
}

// IsLinkLocal reports whether the address is in 169.254.0.0/16 or fe80::/10.
func (a Addr) IsLinkLocal(f nf.Family) bool {
	if f == nf.FamilyIPv4 {
		return a[0] == 169 && a[1] == 254
	}
	return a[0] == 0xfe && a[1]&0xc0 == 0x80
}
