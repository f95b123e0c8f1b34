package vm

import "nfvm/nf"

// DCCP packet types (RFC 4340, section 5.1).
const (
	dccpRequest  = 0
	dccpResponse = 1
	dccpData     = 2
	dccpReset    = 7
	dccpSyncAck  = 9
)

// dccpHeader gives the bytes of a DCCP header before its options, of which the
// first 12 are needed: the kernel counts acknowledgment numbers as long ones
// whatever the X bit says.
func dccpHeader(b []byte) int {
	n := 12
	if b[8]&1 != 0 { // X: the sequence number is long
		n += 4
	}
	const service, ack, reset = 4, 8, 12
	switch typ := b[8] >> 1 & 15; {
	case typ == dccpRequest:
		return n + service
	case typ == dccpResponse:
		return n + ack + service
	case typ == dccpData:
		return n
	case typ > dccpData && typ != dccpReset && typ <= dccpSyncAck:
		return n + ack
	}
	return n + reset
}

// hasDCCPOption reports whether a DCCP packet has an option of a type.
func (m *Machine) hasDCCPOption(typ uint8) bool {
	const header, lastSingle = 12, 31
	p := m.p
	if !p.L4Known || p.Proto != nf.ProtoDCCP || p.FragOffset != 0 {
		return false
	}
	b := p.L4()
	if len(b) < header {
		return false
	}
	end := int(b[4]) * 4
	for at := dccpHeader(b); at < end; {
		// Type and length are read at once, where there is room for both.
		if at+min(2, end-at) > len(b) {
			return false
		}
		switch {
		case b[at] == typ:
			return true
		case b[at] <= lastSingle:
			at++
		case at+1 == end || b[at+1] < 2:
			return false
		default:
			at += int(b[at+1])
		}
	}
	return false
}
