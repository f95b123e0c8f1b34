//go:build linux

package rtnetlink

import (
	"encoding/binary"
	"iter"
	"net/netip"

	"golang.org/x/sys/unix"
)

// typeMask takes the bits for nested and byte order off an attribute's type.
const typeMask = 0x3fff

// attrs are the attributes of a message: type and payload. It stops at the first that is cut short.
func attrs(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= unix.SizeofRtAttr {
			size := int(binary.NativeEndian.Uint16(b))
			if size < unix.SizeofRtAttr || size > len(b) {
				return
			}
			if !yield(binary.NativeEndian.Uint16(b[2:])&typeMask, b[unix.SizeofRtAttr:size]) {
				return
			}
			b = b[min(align(size), len(b)):]
		}
	}
}

// align rounds a length up to where the next attribute or message begins.
func align(n int) int { return (n + 3) &^ 3 }

// below cuts off the fixed header of a message and gives its attributes.
func below(b []byte, header int) iter.Seq2[uint16, []byte] {
	return attrs(b[min(header, len(b)):])
}

// u8, u16 and u32 read numbers of the machine's byte order; 0 when cut short.
func u8(b []byte) uint8 {
	if len(b) < 1 {
		return 0
	}
	return b[0]
}

func u16(b []byte) uint16 {
	if len(b) < 2 {
		return 0
	}
	return binary.NativeEndian.Uint16(b)
}

func u32(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(b)
}

// text reads a string that ends at a zero byte.
func text(b []byte) string { return unix.ByteSliceToString(b) }

// addr reads an address of 4 or 16 bytes; the invalid one for other lengths.
func addr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

// anywhere is the address that an absent destination stands for.
func anywhere(family uint8) netip.Addr {
	if family == unix.AF_INET6 {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// rtAttr makes an attribute.
func rtAttr(t uint16, v []byte) []byte {
	b := make([]byte, align(unix.SizeofRtAttr+len(v)))
	binary.NativeEndian.PutUint16(b, uint16(unix.SizeofRtAttr+len(v)))
	binary.NativeEndian.PutUint16(b[2:], t)
	copy(b[unix.SizeofRtAttr:], v)
	return b
}
