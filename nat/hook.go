package nat

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// Hook is NAT at one of the hooks prerouting, input, output and postrouting
// (nf_nat_inet_fn). On the first packet of a connection it calls run for the
// hook's n chains of type nat in turn, until one of them binds or refuses;
// then, and for all later packets, it translates.
func (e *Engine) Hook(p *packet.Packet, hook nf.Hook, n int, run func(chain int) nf.Verdict) nf.Verdict {
	if p.CT == 0 && p.ZoneDir != 0 {
		return askInVain(n, run)
	}
	en := e.table.Entry(p.CT)
	if en == nil {
		return nf.Accept
	}
	switch p.CTInfo {
	case nf.CTRelated, nf.CTRelatedReply:
		if at, ok := icmpOffset(p); ok {
			if !e.translateError(p, hook, en, at) {
				return nf.Drop
			}
			return nf.Accept
		}
		fallthrough
	case nf.CTNew:
		if en.Status&ManipOf(hook).done() == 0 {
			if v := e.bind(p.CT, hook, n, run); v != nf.Accept {
				return v
			}
			return e.Apply(p, hook)
		}
	}
	if routeChanged(p, hook, en) {
		e.killCounted(p, en)
		return nf.Drop
	}
	return e.Apply(p, hook)
}

// askInVain lets the chains see a packet that has a zone but was not tracked:
// the kernel takes the zone's template for a new connection, but one that
// nothing can be bound to.
func askInVain(n int, run func(int) nf.Verdict) nf.Verdict {
	for i := range n {
		if v := run(i); v != nf.Accept {
			return v
		}
	}
	return nf.Accept
}

// bind asks the chains, and binds to what is there when none of them does.
func (e *Engine) bind(id uint32, hook nf.Hook, n int, run func(int) nf.Verdict) nf.Verdict {
	m := ManipOf(hook)
	for i := range n {
		if v := run(i); v != nf.Accept {
			return v
		}
		if e.Bound(id, m) {
			return nf.Accept
		}
	}
	return e.NullBinding(id, m)
}

// killCounted deletes an entry, its last packet accounted again as
// nf_ct_kill_acct does.
func (e *Engine) killCounted(p *packet.Packet, en *ct.Entry) {
	e.table.Account(en, p.CTInfo.Dir(), p.Len())
	e.table.Kill(en.ID)
}

// Apply rewrites the packet as its connection's binding says (nf_nat_packet).
// Drop means that it could not be rewritten.
func (e *Engine) Apply(p *packet.Packet, hook nf.Hook) nf.Verdict {
	en := e.table.Entry(p.CT)
	if en == nil {
		return nf.Accept
	}
	m, dir := ManipOf(hook), p.CTInfo.Dir()
	if !concerns(en, m, dir) {
		return nf.Accept
	}
	target, ok := en.Tuple[1-dir].Invert()
	if !ok {
		return nf.Accept
	}
	w := rewriter{p: p, target: target, manip: m}
	if !w.rewrite(0) {
		return nf.Drop
	}
	return nf.Accept
}

// concerns reports whether the manipulation m changes packets in direction d.
// Replies are changed back on the other side: their destination is what was
// the source.
func concerns(en *ct.Entry, m Manip, d nf.Dir) bool {
	if d == nf.DirReply {
		m = 1 - m
	}
	return en.Status&m.changed() != 0
}
