package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// maxSize is the greatest length of an IP packet in bytes.
const maxSize = 65535

// Splice replaces size bytes at offset at of the network packet by text and
// sets the packet's length. It fails when the bytes are not there or the packet
// would become too long.
func (p *Packet) Splice(at, size int, text []byte) bool {
	delta := len(text) - size
	if at < 0 || size < 0 || at+size > p.Len() || p.Len()+delta > maxSize {
		return false
	}
	p.Linearize()
	at += p.Network
	old := p.Data
	if delta > 0 { // what lies behind the packet is not ours
		p.Data = make([]byte, len(old)+delta)
		copy(p.Data, old[:at])
	}
	copy(p.Data[at+len(text):], old[at+size:])
	copy(p.Data[at:], text)
	p.Data = p.Data[:len(old)+delta]
	b := p.IP()
	if p.Family == nf.FamilyIPv4 {
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
		FixIPv4Checksum(b)
	} else {
		binary.BigEndian.PutUint16(b[4:], uint16(len(b)-IPv6Size))
	}
	return true
}
