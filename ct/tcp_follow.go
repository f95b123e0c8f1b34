package ct

import "nfvm/nf"

// followTCP tracks TCP (nf_conntrack_proto_tcp.c).
func (t *Table) followTCP(e *Entry, d nf.Dir, h *header, checked bool) result {
	s, ok := parseTCP(h, checked)
	if !ok {
		return invalid
	}
	c := &e.TCP
	if !e.Confirmed() && !c.begin(&s, t.Sysctl.TCPLoose) {
		return invalid
	}
	old := c.State
	next := tcpTransitions[d][s.class][old]
	switch v := t.special(e, d, &s, &old, &next); v {
	case tcpAccepted:
		return accept
	case tcpRefused:
		return invalid
	case tcpReopened:
		if e.state != slotLive {
			return drop
		}
		t.delete(e, t.now)
		return repeat
	case tcpCheckWindow:
		switch t.checkWindow(e, d, &s) {
		case windowIgnore:
			return accept
		case windowInvalid:
			t.strangeEnd(e, d, &s)
			return invalid
		}
	}
	t.commitTCP(e, d, &s, old, next)
	return accept
}

// begin starts the record of a new flow, with a SYN or, when loose, in the
// middle of it.
func (c *TCP) begin(s *segment, loose bool) bool {
	next := tcpTransitions[nf.DirOriginal][s.class][TCPNone]
	if next == tcpInvalid || next != TCPSynSent && !loose {
		return false
	}
	*c = TCP{lastClass: classNone}
	first := &c.Seen[nf.DirOriginal]
	first.End = s.end
	first.MaxWin = max(uint32(s.win), 1)
	if next == TCPSynSent {
		first.MaxEnd = s.end
		first.setOptions(s.options)
		return true
	}
	// Its history is lost, so SACK and scaled windows must be expected.
	first.MaxEnd = s.end + first.MaxWin
	c.Seen[0].Flags = tcpSackPerm | tcpBeLiberal
	c.Seen[1].Flags = tcpSackPerm | tcpBeLiberal
	return true
}

// commitTCP makes the transition: state, lifetime, events, accounting.
func (t *Table) commitTCP(e *Entry, d nf.Dir, s *segment, old, next uint8) {
	c := &e.TCP
	c.lastClass, c.lastDir = s.class, uint8(d)
	c.State = next
	if old != next {
		t.Notify(e, EventProtoInfo)
		if next == TCPFinWait {
			c.Seen[d].Flags |= tcpCloseInit
		}
	}
	to := t.timeouts(e)
	lifetime := t.tcpLifetime(c, to, s.class)
	if e.Status&nf.CTStatusSeenReply == 0 {
		switch {
		case s.class == classRst:
			// Nobody talks: the flow needs no memory.
			t.Account(e, d, s.size)
			t.Kill(e.ID)
			return
		case s.class == classSyn && old == TCPSynSent:
			return // a repeated SYN does not prolong the wait
		case next == TCPEstablished:
			lifetime = min(lifetime, to[TimeoutTCPUnack])
		}
	} else if (old == TCPSynRecv || old == TCPEstablished) && next == TCPEstablished {
		t.assure(e)
	}
	t.refresh(e, d, s.size, lifetime)
}

// tcpLifetime gives the time that an entry lives on after a segment.
func (t *Table) tcpLifetime(c *TCP, to *Timeouts, class tcpClass) int64 {
	of := to[c.State]
	unacked := (c.Seen[0].Flags|c.Seen[1].Flags)&tcpDataUnacked != 0
	switch {
	case c.retrans >= t.Sysctl.TCPMaxRetrans && of > to[TimeoutTCPRetrans]:
		return to[TimeoutTCPRetrans]
	case class == classRst:
		return to[TCPClose]
	case unacked && of > to[TimeoutTCPUnack]:
		return to[TimeoutTCPUnack]
	case c.lastWin == 0 && of > to[TimeoutTCPRetrans]:
		return to[TimeoutTCPRetrans]
	}
	return of
}

// strangeEnd shortens the life of a flow that both sides tried to end by
// segments out of the window: the tracker must have lost it.
func (t *Table) strangeEnd(e *Entry, d nf.Dir, s *segment) {
	if e.Status&nf.CTStatusAssured == 0 || e.Status&nf.CTStatusFixedTimeout != 0 ||
		s.class != classRst && s.class != classFin {
		return
	}
	c := &e.TCP
	if c.lastDir == uint8(d) || c.lastClass != classFin && c.lastClass != classRst {
		c.lastClass, c.lastDir = s.class, uint8(d)
		return
	}
	const longLife = 120e9
	lifetime := t.timeouts(e)[TimeoutTCPUnack]
	if left := e.Remaining(t.now); left >= longLife && left > lifetime {
		t.SetTimeout(e, lifetime)
	}
}
