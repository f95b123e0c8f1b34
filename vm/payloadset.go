package vm

import (
	"encoding/binary"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// payloadSet writes into the packet and keeps the checksums right that the
// expression names. The checksum type "inet" updates its field even if it is
// zero, so a UDP packet without checksum gets a wrong one, as in the kernel.
func (m *Machine) payloadSet(e *bytecode.PayloadSet, src uint8) bool {
	n := int(e.Len)
	data := m.regs[src : int(src)+n]
	off := int(e.Offset)
	if e.Base == bytecode.PayloadLink && m.p.Tagged && off+n > vlanAt {
		if off < afterTag {
			return m.setTag(off, data)
		}
		off -= afterTag - vlanAt
	}
	start, ok := m.start(e.Base, false)
	if e.Base == bytecode.PayloadLink && !m.p.Link {
		// A header without bytes can't be read; writes land in the packet.
		start, ok, m.dirty = m.p.Network, m.p.Received, true
	}
	at := start + off
	if !ok || at+n > len(m.p.Data) {
		return false
	}
	old := m.p.Data[at : at+n]
	if e.ChecksumType == bytecode.ChecksumInet || e.ChecksumFlags != 0 {
		if !m.updateSums(e, start+int(e.ChecksumOffset), old, data) {
			return false
		}
	}
	copy(old, data)
	if e.ChecksumType == bytecode.ChecksumSCTP && m.p.Proto == nf.ProtoSCTP && m.p.L4Known && m.p.FragOffset == 0 {
		packet.SetSCTPChecksum(m.p.L4())
	}
	if e.Base == bytecode.PayloadNetwork {
		m.dirty = true
	}
	return true
}

func (m *Machine) updateSums(e *bytecode.PayloadSet, sumAt int, old, data []byte) bool {
	if e.ChecksumType == bytecode.ChecksumInet {
		if sumAt+2 > len(m.p.Data) {
			return false
		}
		replaceSum(m.p.Data[sumAt:], old, data)
	}
	if e.ChecksumFlags&bytecode.ChecksumPseudoHeader != 0 {
		return m.updateL4Sum(old, data)
	}
	return true
}

// replaceSum updates the checksum at the start of field; it never becomes 0.
func replaceSum(field, old, data []byte) {
	sum := ^binary.BigEndian.Uint16(field)
	sum = ^packet.Fold(uint32(sum) + uint32(^packet.Fold(packet.Sum16(old))) + packet.Sum16(data))
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(field, sum)
}

// updateL4Sum updates the checksum that covers the pseudo header. Later
// fragments and UDP without checksum have none.
func (m *Machine) updateL4Sum(old, data []byte) bool {
	p := m.p
	if !p.L4Known || p.FragOffset != 0 {
		return true
	}
	b, at := p.L4(), 0
	switch p.Proto {
	case nf.ProtoTCP:
		at = 16
	case nf.ProtoUDP, nf.ProtoUDPLite:
		at = 6
	case nf.ProtoICMPv6:
		at = 2
	default:
		return true
	}
	if at+2 > len(b) {
		return p.Proto == nf.ProtoUDP
	}
	if p.Proto == nf.ProtoUDP && b[at] == 0 && b[at+1] == 0 {
		return true
	}
	replaceSum(b[at:], old, data)
	return true
}

// setTag writes the VLAN tag that is kept beside the data: its protocol, its
// control information, or both.
func (m *Machine) setTag(off int, data []byte) bool {
	switch {
	case off == vlanAt && len(data) == 2:
		m.p.TPID = binary.BigEndian.Uint16(data)
	case off == vlanAt && len(data) == 4:
		m.p.TPID = binary.BigEndian.Uint16(data)
		m.p.TCI = binary.BigEndian.Uint16(data[2:])
	case off == vlanAt+2 && len(data) == 2:
		m.p.TCI = binary.BigEndian.Uint16(data)
	default:
		return false
	}
	return true
}
