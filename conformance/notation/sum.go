package notation

import (
	"encoding/binary"
	"hash/crc32"
)

var be = binary.BigEndian

// inetSum is the Internet checksum (RFC 1071) of the concatenated parts, each
// but the last of even length.
func inetSum(parts ...[]byte) uint16 {
	var sum uint32
	for _, b := range parts {
		for ; len(b) >= 2; b = b[2:] {
			sum += uint32(be.Uint16(b))
		}
		if len(b) == 1 {
			sum += uint32(b[0]) << 8
		}
		sum = sum&0xffff + sum>>16
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// pseudo is the pseudo header of either family: addresses, length, protocol.
func pseudo(src, dst []byte, proto uint8, length int) []byte {
	b := append(append([]byte{}, src...), dst...)
	b = be.AppendUint32(b, uint32(length))
	return append(b, 0, 0, 0, proto)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sctpSum is the CRC32c of an SCTP packet with its checksum field as zero, in
// the byte order in which it is stored.
func sctpSum(b []byte) uint32 {
	c := crc32.Update(0, castagnoli, b[:8])
	c = crc32.Update(c, castagnoli, make([]byte, 4))
	c = crc32.Update(c, castagnoli, b[12:])
	return be.Uint32(binary.LittleEndian.AppendUint32(nil, c))
}

// spoil is how much the checksum of `sum bad` is off.
const spoil = 0x1111

// spoiled is a checksum that is off by a number in one's complement. A CRC has
// no such arithmetic; its bits are flipped.
func spoiled(right, off uint64) uint64 {
	if right > 0xffff {
		return right ^ off
	}
	bad := right + off
	return bad&0xffff + bad>>16
}

// flow is what a layer 4 header needs to know of the IP header above it.
type flow struct {
	src, dst []byte
	six      bool
}

// l4Sum is the checksum that seg should carry for protocol proto; at is the
// offset of the checksum field in it, which counts as zero.
func (f flow) l4Sum(proto uint8, seg []byte, at int) uint16 {
	zero := append([]byte{}, seg...)
	zero[at], zero[at+1] = 0, 0
	if proto == protoICMP {
		return inetSum(zero)
	}
	sum := inetSum(pseudo(f.src, f.dst, proto, len(seg)), zero)
	if sum == 0 && proto == protoUDP {
		return 0xffff
	}
	return sum
}
