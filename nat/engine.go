package nat

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// An Engine does the NAT of one conntrack table.
type Engine struct {
	// Stats count what could not be done.
	Stats Stats

	table   *ct.Table
	rand    func() uint32
	sources sources
	lost    []lost
}

// Stats count connections that could not be translated.
type Stats struct {
	// Exhausted had no free port or identifier left, NoAddress no address to be
	// translated to.
	Exhausted, NoAddress uint64
}

// New makes the engine of a table; rand gives 32 random bits. The engine
// listens to the table's OnFree and OnRestore from now on, and adjusts sequence numbers for it.
func New(t *ct.Table, rand func() uint32) *Engine {
	e := &Engine{table: t, rand: rand, sources: newSources(t, rand)}
	next := t.OnFree
	t.OnFree = func(en *ct.Entry) {
		e.sources.forget(en)
		if next != nil {
			next(en)
		}
	}
	t.OnRestore = e.sources.restore
	t.Adjust = e.AdjustSequence
	t.OnExpected(ct.ExpectFollowMaster, e.followMaster)
	t.OnExpected(ct.ExpectSIP, e.sipExpected)
	t.OnExpected(ct.ExpectQ931NAT, e.q931Expected)
	t.OnExpected(ct.ExpectCallForwarding, e.forwardExpected)
	return e
}

// Setup binds one side of a new entry to the range: `snat` and `dnat`
// (nf_nat_setup_info). A confirmed entry stays as it is. Drop means that the
// entry is missing or that this side is bound already.
func (e *Engine) Setup(id uint32, r *Range, m Manip) nf.Verdict {
	en := e.table.Entry(id)
	switch {
	case en == nil:
		return nf.Drop
	case en.Confirmed():
		return nf.Accept
	case en.Status&m.done() != 0:
		return nf.Drop
	}
	now, ok := en.Tuple[nf.DirReply].Invert()
	if !ok {
		return nf.Drop
	}
	if t := e.choose(&now, r, m, en); t != now {
		reply, ok := t.Invert()
		if !ok {
			return nf.Drop
		}
		e.table.AlterReply(id, reply)
		en.Status |= m.changed()
	}
	en.Status |= m.done()
	if m == Src {
		e.sources.add(en)
	}
	return nf.Accept
}

// NullBinding binds one side of an entry to the address it has, for packets
// that no rule translates. It may still change the source port, when another
// connection was translated onto this one's.
func (e *Engine) NullBinding(id uint32, m Manip) nf.Verdict {
	en := e.table.Entry(id)
	if en == nil {
		return nf.Drop
	}
	addr := en.Tuple[nf.DirReply].Src
	if m == Src {
		addr = en.Tuple[nf.DirReply].Dst
	}
	return e.Setup(id, &Range{Flags: FlagMapIPs, MinAddr: addr, MaxAddr: addr}, m)
}

// Bound reports whether one side of an entry is bound.
func (e *Engine) Bound(id uint32, m Manip) bool {
	en := e.table.Entry(id)
	return en != nil && en.Status&m.done() != 0
}

// toAddr narrows a range to one address, keeping flags and ports.
func (r *Range) toAddr(a packet.Addr) Range {
	one := *r
	one.Flags |= FlagMapIPs
	one.MinAddr, one.MaxAddr = a, a
	return one
}

// Redirect binds the destination of an entry to an address of the host itself,
// which the caller found: the first one of the input interface, or the
// loopback address at output. The zero address means that there is none.
func (e *Engine) Redirect(id uint32, r *Range, addr packet.Addr) nf.Verdict {
	if addr.IsZero() {
		e.Stats.NoAddress++
		return nf.Drop
	}
	one := r.toAddr(addr)
	return e.Setup(id, &one, Dst)
}

// FollowMaster binds both sides of an expected connection the way its master
// is translated (nf_nat_follow_master). dir is the direction of the master in
// which the expectation was announced, port the port that was announced before
// mangling.
func (e *Engine) FollowMaster(id, master uint32, dir nf.Dir, port uint16) nf.Verdict {
	m := e.table.Entry(master)
	if m == nil {
		return nf.Drop
	}
	from := m.Tuple[dir]
	var none Range
	r := none.toAddr(from.Dst)
	if v := e.Setup(id, &r, Src); v != nf.Accept {
		return v
	}
	r = none.toAddr(from.Src)
	r.Flags |= FlagPorts
	r.MinPort, r.MaxPort = port, port
	return e.Setup(id, &r, Dst)
}
