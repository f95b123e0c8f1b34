package nat

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// sipExpected translates a call or a medium that a SIP connection has announced:
// its destination to what was said there, its source to what the same phone has
// announced for its own medium, or else as the master's (nf_nat_sip_expected).
func (e *Engine) sipExpected(en *ct.Entry, x *ct.Expectation) {
	master := e.table.Entry(en.Master)
	if master == nil || master.Helper == 0 {
		return
	}
	e.BindDestination(en, x.SavedAddr, x.SavedID)
	if addr, port, ok := e.sipPair(en, x); ok {
		e.BindSource(en, addr, port)
	} else if en.Tuple[nf.DirOriginal].Src == master.Tuple[x.Dir].Src {
		e.BindSource(en, master.Tuple[1-x.Dir].Dst, 0)
	}
}

// sipPair gives where the sender of a medium expects one itself.
func (e *Engine) sipPair(en *ct.Entry, x *ct.Expectation) (addr packet.Addr, port uint16, ok bool) {
	if x.Class == 0 { // a call
		return addr, 0, false
	}
	own := &en.Tuple[nf.DirOriginal]
	e.table.ExpectationsOf(en.Master, func(pair *ct.Expectation) bool {
		ok = pair.Tuple.L4 == own.L4 && pair.SavedAddr == own.Src && pair.SavedID == own.SrcID
		addr, port = pair.Tuple.Dst, pair.Tuple.DstID
		return !ok
	})
	return addr, port, ok
}
