package nat

import "nfvm/ct"

// q931Expected translates a call to a registered terminal: as the registration, if
// it comes from the gatekeeper, or else its destination only (ip_nat_q931_expect).
func (e *Engine) q931Expected(en *ct.Entry, x *ct.Expectation) {
	if !x.Tuple.Src.IsZero() {
		e.followMaster(en, x)
		return
	}
	if master := e.table.Entry(en.Master); master != nil {
		e.BindSource(en, en.Tuple[1-x.Dir].Src, 0)
		e.BindDestination(en, master.Tuple[1-x.Dir].Src, x.SavedID)
	}
}

// forwardExpected translates a call that is forwarded to the party that was named
// (ip_nat_callforwarding_expect).
func (e *Engine) forwardExpected(en *ct.Entry, x *ct.Expectation) {
	e.BindSource(en, en.Tuple[1-x.Dir].Src, 0)
	e.BindDestination(en, x.SavedAddr, x.SavedID)
}
