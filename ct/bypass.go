package ct

import "nfvm/nf"

// Windows are what plain segments change of a TCP flow: acknowledgments with data or
// without, whose only option may be the time. Side is by nf.Dir.
type Windows struct {
	Side [2]TCPSide
	// Unacked tells that a side's data is not all acknowledged.
	Unacked [2]bool
	// Sack tells that a side takes selective acknowledgments, which SetWindows leaves.
	Sack [2]bool
	// The last acknowledgment, and how often it came again.
	LastDir                   nf.Dir
	LastSeq, LastAck, LastEnd uint32
	LastWin                   uint16
	Repeats                   uint8
}

// Windows are those of a TCP entry.
func (e *Entry) Windows() Windows {
	c := &e.TCP
	w := Windows{
		Side: c.Seen, LastDir: nf.Dir(c.lastDir), LastSeq: c.lastSeq, LastAck: c.lastAck, LastEnd: c.lastEnd,
		LastWin: c.lastWin, Repeats: c.retrans,
	}
	for d := range w.Unacked {
		w.Unacked[d] = c.Seen[d].Flags&tcpDataUnacked != 0
		w.Sack[d] = c.Seen[d].Flags&tcpSackPerm != 0
	}
	return w
}

// SetWindows is for segments that others have followed: see Followed.
func (e *Entry) SetWindows(w *Windows) {
	c := &e.TCP
	for d := range c.Seen {
		side := &c.Seen[d]
		side.End, side.MaxEnd, side.MaxWin, side.MaxAck = w.Side[d].End, w.Side[d].MaxEnd, w.Side[d].MaxWin, w.Side[d].MaxAck
		if side.Flags &^= tcpDataUnacked; w.Unacked[d] {
			side.Flags |= tcpDataUnacked
		}
	}
	c.lastClass, c.lastDir = classAck, uint8(w.LastDir)
	c.lastSeq, c.lastAck, c.lastEnd, c.lastWin, c.retrans = w.LastSeq, w.LastAck, w.LastEnd, w.LastWin, w.Repeats
}

// briefest is the shortest lifetime of flows that others may follow, which tell of
// their packets a second or so later.
const briefest = 10e9

// Steady reports whether plain packets of a flow change nothing but its Windows, its
// counters and when it ends, so that others may follow it.
func (t *Table) Steady(e *Entry, now int64) bool {
	if e.Status&(lasting|unusual|nf.CTStatusAssured) != lasting|nf.CTStatusAssured || e.state != slotLive ||
		e.Helper != 0 || e.proxied || e.events != 0 || e.Expires <= now {
		return false
	}
	to := t.timeouts(e)
	switch e.L4() {
	case nf.ProtoUDP:
		return now > e.streamAt && to[TimeoutReplied] >= briefest
	case nf.ProtoTCP:
		c := &e.TCP
		return c.State == TCPEstablished && c.Seen[0].Flags&c.Seen[1].Flags&tcpMaxAckSet != 0 &&
			c.Seen[0].MaxWin != 0 && c.Seen[1].MaxWin != 0 &&
			min(to[TCPEstablished], to[TimeoutTCPRetrans], to[TimeoutTCPUnack]) >= briefest
	}
	return false
}

// Followed notes that others have passed plain packets of a steady flow on, the last
// one at an instant; its windows are set already.
func (t *Table) Followed(e *Entry, last int64) {
	if e.state != slotLive || e.Status&nf.CTStatusFixedTimeout != 0 {
		return
	}
	to := t.timeouts(e)
	lifetime := to[TimeoutReplied]
	if e.L4() == nf.ProtoTCP {
		lifetime = t.tcpLifetime(&e.TCP, to, classAck)
	}
	before := e.Expires
	if e.Expires = last + lifetime; e.Expires < before {
		t.queue.hasten(e, e.Expires)
	}
}

// Elsewhere tells that others follow the flow: before anything is done with it,
// Table.OnElsewhere is called.
const Elsewhere = 1<<15 - 1

// elsewhere has what others know of an entry brought home.
func (t *Table) elsewhere(e *Entry) {
	if e.Seen == Elsewhere && t.OnElsewhere != nil {
		t.OnElsewhere(e)
	}
}

// know does the same for one who only reads.
func (t *Table) know(e *Entry) {
	if e.Seen == Elsewhere && t.OnKnow != nil {
		t.OnKnow(e)
	}
}
