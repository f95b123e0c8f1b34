package packet

import (
	"encoding/binary"
	"math/bits"

	"nfvm/nf"
)

// Sum16 is the one's complement sum of b's 16-bit big-endian words, folded to
// 16 bits; an odd last byte counts as the high byte of a word (RFC 1071). Sums
// of several pieces may be added, if all but the last have even length, and
// folded with Fold.
func Sum16(b []byte) uint32 {
	// Eight bytes at a time in little-endian order: the sum does not depend on
	// the byte order, but for swapping its two bytes at the end.
	var s, c uint64
	for len(b) >= 32 {
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b[8:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b[16:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b[24:]), c)
		b = b[32:]
	}
	for len(b) >= 8 {
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b), c)
		b = b[8:]
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(last[:]), c)
	}
	s, c = bits.Add64(s, 0, c)
	s += c
	s = s>>32 + s&0xffffffff
	s = s>>32 + s&0xffffffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return uint32(bits.ReverseBytes16(uint16(s)))
}

// Fold brings a sum of 16-bit words to 16 bits with end-around carry.
func Fold(s uint32) uint16 {
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return uint16(s)
}

// Checksum is the internet checksum of b: 0 for data that contains its own
// correct checksum.
func Checksum(b []byte) uint16 { return ^uint16(Sum16(b)) }

// PseudoSum is the sum of the pseudo header of TCP, UDP, ICMPv6 and their kin
// (RFC 9293 section 3.1, RFC 8200 section 8.1). n is the length in bytes of
// the transport packet.
func PseudoSum(f nf.Family, src, dst *Addr, proto uint8, n int) uint32 {
	size := Size(f)
	return Sum16(src[:size]) + Sum16(dst[:size]) + uint32(proto) + uint32(n>>16) + uint32(n&0xffff)
}

// Update16 is checksum sum after one of its 16-bit words changed from old to
// new (RFC 1624, equation 3).
func Update16(sum, old, new uint16) uint16 {
	return ^Fold(uint32(^sum) + uint32(^old) + uint32(new))
}

// UpdateBytes is checksum sum after the bytes old became new, both of the same
// even length and at an even offset of the summed data.
func UpdateBytes(sum uint16, old, new []byte) uint16 {
	s := uint32(^sum)
	for i := 0; i+1 < len(old) && i+1 < len(new); i += 2 {
		s += uint32(^binary.BigEndian.Uint16(old[i:])) + uint32(binary.BigEndian.Uint16(new[i:]))
	}
	return ^Fold(s)
}
