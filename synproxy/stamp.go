package synproxy

import (
	"encoding/binary"

	"nfvm/packet"
)

// ShiftStamp adds to the timestamp of a segment, or to the one that it echoes,
// and keeps the checksum right (synproxy_tstamp_adjust). It does nothing where
// the options have none or are broken.
func ShiftStamp(t packet.TCP, echoed bool, by uint32) {
	end := min(t.HeaderLen(), len(t))
	for at := packet.TCPSize; at < end && t[at] != kindEnd; {
		if t[at] == kindNop {
			at++
			continue
		}
		if at+1 == end || t[at+1] < 2 || at+int(t[at+1]) > end {
			return
		}
		if t[at] != kindTimestamp || t[at+1] != lenTimestamp {
			at += int(t[at+1])
			continue
		}
		if at += 2; echoed {
			at += 4
		}
		old := [4]byte(t[at : at+4])
		binary.BigEndian.PutUint32(t[at:], binary.BigEndian.Uint32(old[:])+by)
		sum := t[16:]
		binary.BigEndian.PutUint16(sum, packet.UpdateBytes(binary.BigEndian.Uint16(sum), old[:], t[at:at+4]))
		return
	}
}
