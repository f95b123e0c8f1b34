package ct

import "nfvm/nf"

// A windowVerdict says how a segment fits the windows of both sides.
type windowVerdict uint8

const (
	inWindow      windowVerdict = iota
	windowIgnore                // old or too early: accepted without effect
	windowInvalid               // can't belong to the flow
)

// maxAckWindow is the least distance by which an acknowledgement may lag.
const maxAckWindow = 66000

// checkWindow follows the sequence numbers of both sides, after "Real Stateful
// TCP Packet Filtering in IP Filter" by Guido van Rooij:
//
//	I.   the segment starts within what the receiver allowed,
//	II.  and does not end before the receiver's window;
//	III. it does not acknowledge what the receiver has not sent,
//	IV.  nor what is long past.
func (t *Table) checkWindow(e *Entry, d nf.Dir, s *segment) windowVerdict {
	c := &e.TCP
	snd, rcv := &c.Seen[d], &c.Seen[1-d]
	seq, ack, end, win := s.seq, s.ack, s.end, uint32(s.win)
	sack := ack
	if rcv.Flags&tcpSackPerm != 0 {
		sack = s.sack()
	}
	if e.Status&nf.CTStatusSeqAdjust != 0 {
		adjusted := t.SeqAdj(e, 1-d)
		shift := adjusted.offset(ack - 1)
		ack, sack = ack-shift, sack-shift
	}

	if done := c.learn(d, s, sack); done {
		return inWindow
	}
	if !s.has(nf.TCPAck) || s.has(nf.TCPRst) && ack == 0 {
		// Some stacks set ACK in a RST without meaning it.
		ack = rcv.End
		sack = ack
	}
	if s.has(nf.TCPRst) && seq == 0 && c.State == TCPSynSent {
		seq = snd.End // the answer to a SYN
		end = seq
	}
	if v := fits(snd, rcv, seq, end, sack); v != inWindow {
		if t.Sysctl.TCPBeLiberal || snd.Flags&tcpBeLiberal != 0 {
			return inWindow
		}
		return v
	}
	if !s.has(nf.TCPSyn) {
		win <<= snd.Scale
	}
	snd.sent(end, ack, win+(sack-ack), s.has(nf.TCPAck))
	if rcv.MaxWin != 0 && after(end, snd.MaxEnd) {
		rcv.MaxWin += end - snd.MaxEnd
	}
	rcv.allowed(ack, sack, win)
	if s.class == classAck {
		c.countRepeats(d, seq, ack, end, s.win)
	}
	return inWindow
}

// learn takes what is known of the sender from a segment that is its first, or
// a SYN that starts anew. It reports true if nothing remains to be checked.
func (c *TCP) learn(d nf.Dir, s *segment, sack uint32) (done bool) {
	snd, rcv := &c.Seen[d], &c.Seen[1-d]
	switch {
	case snd.MaxWin == 0 && s.has(nf.TCPSyn):
		snd.start(rcv, d, s)
		return !s.has(nf.TCPAck) // simultaneous open
	case snd.MaxWin == 0:
		snd.End = s.end
		snd.MaxWin = max(uint32(s.win)<<snd.Scale, 1)
		snd.MaxEnd = s.end + snd.MaxWin
		if rcv.MaxWin == 0 {
			rcv.End, rcv.MaxEnd = sack, sack
		} else if sack == rcv.End+1 {
			rcv.End++ // the answer to a keep-alive
		}
	case s.has(nf.TCPSyn) && after(s.end, snd.End) && (c.State == TCPSynSent || c.State == TCPSynRecv):
		snd.start(rcv, d, s)
		return d == nf.DirReply && !s.has(nf.TCPAck)
	}
	return false
}

// start takes a side's data from its SYN. Windows are scaled if both sides
// offered it.
func (side *TCPSide) start(peer *TCPSide, d nf.Dir, s *segment) {
	side.End, side.MaxEnd = s.end, s.end
	side.MaxWin = max(uint32(s.win), 1)
	side.setOptions(s.options)
	if d == nf.DirReply && side.Flags&peer.Flags&tcpWindowScale == 0 {
		side.Scale, peer.Scale = 0, 0
	}
}

// fits applies the four rules.
func fits(snd, rcv *TCPSide, seq, end, sack uint32) windowVerdict {
	notOld := after(end, snd.End-rcv.MaxWin-1)
	ackNotOld := after(sack, rcv.End-max(snd.MaxWin, maxAckWindow)-1)
	ackSent := before(sack, rcv.End+1)
	switch {
	case !before(seq, snd.MaxEnd+1):
		over := end - snd.MaxEnd + 1
		if rcv.MaxWin == 0 || !notOld || !ackNotOld || over > rcv.MaxWin || !ackSent {
			return windowInvalid
		}
		// A little more than allowed: the peer may take and acknowledge it.
		snd.End = end
		snd.Flags |= tcpDataUnacked
		return windowIgnore
	case !ackSent:
		return windowInvalid
	case rcv.MaxWin != 0 && !notOld, !ackNotOld:
		return windowIgnore
	}
	return inWindow
}

// sent notes what the sender of a segment said about itself.
func (side *TCPSide) sent(end, ack, win uint32, hasAck bool) {
	side.MaxWin = max(side.MaxWin, win)
	if after(end, side.End) {
		side.End = end
		side.Flags |= tcpDataUnacked
	}
	if hasAck && (side.Flags&tcpMaxAckSet == 0 || after(ack, side.MaxAck)) {
		side.MaxAck = ack
		side.Flags |= tcpMaxAckSet
	}
}

// allowed notes what a segment allowed its receiver to send.
func (side *TCPSide) allowed(ack, sack, win uint32) {
	if after(sack+win, side.MaxEnd-1) {
		side.MaxEnd = sack + win
		if win == 0 {
			side.MaxEnd++
		}
	}
	if ack == side.End {
		side.Flags &^= tcpDataUnacked
	}
}

// countRepeats counts identical acknowledgements in a row.
func (c *TCP) countRepeats(d nf.Dir, seq, ack, end uint32, win uint16) {
	if c.lastDir == uint8(d) && c.lastSeq == seq && c.lastAck == ack && c.lastEnd == end && c.lastWin == win {
		c.retrans++
		return
	}
	c.lastDir, c.lastSeq, c.lastAck, c.lastEnd, c.lastWin = uint8(d), seq, ack, end, win
	c.retrans = 0
}
