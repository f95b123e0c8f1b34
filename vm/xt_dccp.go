package vm

import (
	"nfvm/nf"
	"nfvm/xt"
)

// xtDCCP asks for an option of DCCP (xt_dccp.c). Options that can't be read drop
// the packet.
type xtDCCP struct{ xt.DCCP }

func loadDCCP(_ *loader, info []byte) (xtMatch, error) {
	d := &xtDCCP{}
	return d, xt.Decode(info, &d.DCCP)
}

func (d *xtDCCP) match(m *Machine) bool {
	p := m.p
	if p.Proto != nf.ProtoDCCP || !p.L4Known || p.FragOffset != 0 {
		return false
	}
	found, ok := dccpHasOption(p.L4(), d.Option)
	m.refused = !ok
	return ok && is(d.Flags, d.InvFlags, xt.DCCPOption, found)
}

// dccpHasOption looks for an option the way xt_dccp does, for which the types 0 and
// 1 alone have no length; ok is false where the header is cut short.
func dccpHasOption(b []byte, typ uint8) (found, ok bool) {
	const header, lastSingle = 12, 1
	if len(b) < header {
		return false, false
	}
	at, end := dccpHeader(b), int(b[4])*4
	if end < at || end > len(b) && end > at {
		return false, false
	}
	for at < end {
		switch {
		case b[at] == typ:
			return true, true
		case b[at] <= lastSingle || at+1 == end:
			at++
		default:
			at += max(int(b[at+1]), 1)
		}
	}
	return false, true
}
