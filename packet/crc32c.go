package packet

import (
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sctpSize is the size in bytes of the SCTP common header, whose last four
// bytes are the checksum.
const sctpSize = 12

// SCTPChecksum is the CRC32c of the SCTP packet b with its checksum field
// taken as zero (RFC 9260 appendix A), as the number whose little-endian bytes
// stand in that field. b must hold the common header.
func SCTPChecksum(b []byte) uint32 {
	var zero [4]byte
	crc := crc32.Update(0, castagnoli, b[:8])
	crc = crc32.Update(crc, castagnoli, zero[:])
	return crc32.Update(crc, castagnoli, b[sctpSize:])
}

// SetSCTPChecksum writes the checksum of the SCTP packet b; it does nothing to
// one without a whole common header.
func SetSCTPChecksum(b []byte) {
	if len(b) >= sctpSize {
		binary.LittleEndian.PutUint32(b[8:], SCTPChecksum(b))
	}
}
