package ct

import "nfvm/nf"

// A tcpStep says how a segment goes on after the transition table.
type tcpStep uint8

const (
	tcpCheckWindow tcpStep = iota
	tcpTrusted             // the window need not be checked
	tcpAccepted            // without any change of state
	tcpRefused             // invalid
	tcpReopened            // the old flow ends, the segment starts a new one
)

// special handles what the transition table can't express. It may change the
// states that the table gave.
func (t *Table) special(e *Entry, d nf.Dir, s *segment, old, next *uint8) tcpStep {
	c := &e.TCP
	switch *next {
	case TCPSynSent:
		if *old < TCPTimeWait {
			return tcpCheckWindow
		}
		closed := (c.Seen[0].Flags|c.Seen[1].Flags)&tcpCloseInit != 0
		if closed || c.lastDir == uint8(d) && c.lastClass == classRst {
			return tcpReopened
		}
		return c.ignored(d, s, old, next)
	case tcpIgnore:
		return c.ignored(d, s, old, next)
	case tcpInvalid:
		if e.awaitsServer(uint8(d), s, *old) {
			return tcpAccepted
		}
		return tcpRefused
	case TCPTimeWait:
		if *old == TCPLastAck && s.class == classAck && c.lastDir != uint8(d) &&
			c.lastClass == classSyn && c.lastFlags&tcpChallengeAck != 0 {
			// It answers a SYN (RFC 5961), not the last FIN.
			c.lastFlags &^= tcpChallengeAck
			return tcpAccepted
		}
	case TCPSynSent2:
		c.lastFlags |= tcpSimultaneous
	case TCPSynRecv:
		if d == nf.DirReply && s.class == classAck && c.lastFlags&tcpSimultaneous != 0 {
			*next = TCPEstablished
		}
	case TCPClose:
		if s.class == classRst {
			return t.reset(e, d, s, *old, next)
		}
	}
	return tcpCheckWindow
}

// ignored lets a segment through that may show that the two ends know better
// than the table: a SYN is remembered, and if the other side answers it, the
// flow is taken up from there.
func (c *TCP) ignored(d nf.Dir, s *segment, old, next *uint8) tcpStep {
	if s.class == classSynAck && c.lastClass == classSyn && c.lastDir != uint8(d) && s.ack == c.lastEnd {
		c.resync(d)
		*old, *next = TCPSynSent, TCPSynRecv
		return tcpCheckWindow
	}
	c.lastClass, c.lastDir = s.class, uint8(d)
	c.lastSeq, c.lastEnd, c.lastWin = s.seq, s.end, s.win
	switch {
	case s.class == classSyn && d == nf.DirOriginal:
		var offer TCPSide
		offer.setOptions(s.options)
		c.lastFlags, c.lastScale = offer.Flags, offer.Scale
		if *old == TCPLastAck {
			c.lastFlags |= tcpChallengeAck
		}
	case s.class == classAck && d == nf.DirReply && *old == TCPSynSent:
		c.lastAck = s.ack // a challenge, which a RST may answer
	}
	return tcpAccepted
}

// resync replaces the record by that of the remembered SYN, which a SYN/ACK in
// direction d has answered.
func (c *TCP) resync(d nf.Dir) {
	c.lastFlags &^= tcpChallengeAck
	c.Seen[1-d] = TCPSide{
		End: c.lastEnd, MaxEnd: c.lastEnd, MaxWin: max(uint32(c.lastWin), 1),
		MaxAck: c.Seen[1-d].MaxAck, Scale: c.lastScale, Flags: c.lastFlags,
	}
	c.Seen[d] = TCPSide{Flags: c.Seen[d].Flags & tcpBeLiberal}
}

// reset validates a RST (RFC 5961): one that does not hit the expected
// sequence exactly must not end an established flow, though it passes.
func (t *Table) reset(e *Entry, d nf.Dir, s *segment, old uint8, next *uint8) tcpStep {
	c := &e.TCP
	if closing(c.State) {
		return tcpTrusted
	}
	peer := &c.Seen[1-d]
	established := c.State == TCPEstablished && e.Status&nf.CTStatusAssured != 0
	if peer.Flags&tcpMaxAckSet != 0 && c.lastClass != classSyn {
		switch {
		case s.seq == 0 && !established:
			return tcpCheckWindow // the answer to an ignored SYN
		case before(s.seq, peer.MaxAck) && !t.Sysctl.TCPIgnoreInvalidRst:
			return tcpRefused
		case !established, s.seq == peer.MaxAck:
			return tcpCheckWindow
		case c.lastClass == classAck && c.lastDir == uint8(d) && s.seq == c.lastEnd:
			return tcpCheckWindow // right behind the sender's own data
		}
		*next = old
	}
	seenReply, assured := e.Status&nf.CTStatusSeenReply != 0, e.Status&nf.CTStatusAssured != 0
	answersSyn := seenReply && c.lastClass == classSyn && c.lastDir != uint8(d)
	answersAck := !assured && c.lastClass == classAck
	if (answersSyn || answersAck) && s.ack == c.lastEnd {
		return tcpTrusted
	}
	if old == TCPSynSent && c.lastClass == classAck && c.lastDir == uint8(nf.DirReply) && s.seq == c.lastAck {
		return tcpTrusted // answers a challenge
	}
	return tcpCheckWindow
}

// closing reports whether a flow in this state is on its way out.
func closing(state uint8) bool {
	switch state {
	case TCPFinWait, TCPCloseWait, TCPLastAck, TCPTimeWait, TCPClose:
		return true
	}
	return false
}

// SetClosing ends a confirmed TCP flow that a rule answered with a RST.
func (t *Table) SetClosing(e *Entry) {
	if e.L4() != nf.ProtoTCP || e.state != slotLive {
		return
	}
	old := e.TCP.State
	e.TCP.State = TCPClose
	if old == TCPClose || e.Status&nf.CTStatusFixedTimeout != 0 {
		return
	}
	t.SetTimeout(e, t.timeouts(e)[TCPClose])
	t.Notify(e, EventProtoInfo)
}

// RelearnWindows makes the windows of all established TCP flows of a family
// unknown, as happens when tracking starts again after a pause.
func (t *Table) RelearnWindows(family nf.Family) {
	t.ForEach(func(e *Entry) bool {
		if e.L4() == nf.ProtoTCP && e.TCP.State == TCPEstablished && e.Tuple[0].L3 == uint8(family) {
			e.TCP.Seen[0].MaxWin, e.TCP.Seen[1].MaxWin = 0, 0
		}
		return true
	})
}

// Loosen makes the TCP flows of the table be followed without their windows,
// which have moved while nobody looked. To learn them anew would not do: after a
// gap a sender may send old data again, and the other side acknowledges more than
// that, which no window learned from the one fits.
func (t *Table) Loosen() {
	t.ForEach(func(e *Entry) bool {
		if e.L4() == nf.ProtoTCP {
			for d := range e.TCP.Seen {
				if e.TCP.State == TCPEstablished {
					e.TCP.Seen[d].MaxWin = 0
				}
				e.TCP.Seen[d].Flags |= tcpBeLiberal
			}
		}
		return true
	})
}
