//go:build linux

package live

import (
	"nfvm/ct"
	"nfvm/netfilter"
	"nfvm/netio/guard"
	"nfvm/nf"
)

// These methods make a bypass a netfilter.ConnBypass.

// PutConn has the guards forward the packets of a connection whose directions are put.
func (b *bypass) PutConn(id uint32, w *ct.Windows) bool {
	c := connOf(w)
	if b.conns[id] == nil {
		b.conns[id] = &bypassedConn{}
	} else {
		c.Use = b.conns[id].now
	}
	if err := b.flows.PutConn(id, &c); err != nil { // there is no room
		delete(b.conns, id)
		b.flows.RemoveConn(id)
		return false
	}
	return true
}

// Conn tells how a connection is, and what the guards have forwarded.
func (b *bypass) Conn(id uint32) netfilter.BypassConn {
	c, err := b.flows.Conn(id)
	return b.tell(id, &c, err)
}

// TakeConn does the same when they forward no more.
func (b *bypass) TakeConn(id uint32) netfilter.BypassConn {
	c, err := b.flows.TakeConn(id)
	return b.tell(id, &c, err)
}

// RemoveConn has the guards forget a connection.
func (b *bypass) RemoveConn(id uint32) {
	b.flows.RemoveConn(id)
	delete(b.conns, id)
}

// A bypassedConn is a connection that guards forward: its directions, and what of their
// use was told.
type bypassedConn struct {
	keys [2]netfilter.FlowKey
	now  [2]guard.FlowUse
}

// tell says what is new of a connection.
func (b *bypass) tell(id uint32, c *guard.Conn, err error) (t netfilter.BypassConn) {
	known := b.conns[id]
	if known == nil {
		return t
	}
	if err != nil {
		b.f.log.Error("a connection that is forwarded inside the kernel can't be asked for", "err", err)
		return t
	}
	for d := range c.Use {
		if p := b.known[known.keys[d]]; p != nil {
			t.Use[d] = b.count(&known.keys[d], c.Use[d])
			b.countAccepted(p.out, t.Use[d])
		}
	}
	known.now = c.Use
	t.Windows = windowsOf(c)
	return t
}

// countAccepted counts packets that leave as those whose way ends behind postrouting.
func (b *bypass) countAccepted(out int, u netfilter.FlowUse) {
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	b.f.stats.Sent += u.Packets
	if p := b.f.ports[out]; p != nil {
		p.verdicts[1][nf.HookPostrouting+1][VerdictAccept].addMany(u.Packets, u.Bytes)
	}
}

// connOf is how the programs want a connection.
func connOf(w *ct.Windows) (c guard.Conn) {
	for d := range c.Side {
		s := &w.Side[d]
		c.Side[d] = guard.ConnSide{End: s.End, MaxEnd: s.MaxEnd, MaxWin: s.MaxWin, MaxAck: s.MaxAck, Scale: uint32(s.Scale)}
		if w.Unacked[d] {
			c.Side[d].Unacked = 1
		}
		if w.Sack[d] {
			c.Side[d].Sack = 1
		}
	}
	c.LastDir, c.LastSeq, c.LastAck, c.LastEnd = uint32(w.LastDir), w.LastSeq, w.LastAck, w.LastEnd
	c.LastWin, c.Repeats = uint32(w.LastWin), uint32(w.Repeats)
	return c
}

// windowsOf is the inverse of connOf.
func windowsOf(c *guard.Conn) (w ct.Windows) {
	for d := range c.Side {
		s := &c.Side[d]
		w.Side[d] = ct.TCPSide{End: s.End, MaxEnd: s.MaxEnd, MaxWin: s.MaxWin, MaxAck: s.MaxAck, Scale: uint8(s.Scale)}
		w.Unacked[d] = s.Unacked != 0
	}
	w.LastDir, w.LastSeq, w.LastAck, w.LastEnd = nf.Dir(c.LastDir), c.LastSeq, c.LastAck, c.LastEnd
	w.LastWin, w.Repeats = uint16(c.LastWin), uint8(c.Repeats)
	return w
}
