package nat

import (
	"cmp"
	"math"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// Masquerade binds the source of an entry to an address of the interface
// ifindex that its packets leave by; the caller has selected the address, zero
// when there is none. The entry is bound to the interface, too: it ends when
// the interface or the address goes, or when the route changes.
func (e *Engine) Masquerade(id uint32, r *Range, addr packet.Addr, ifindex int) nf.Verdict {
	en := e.table.Entry(id)
	if en == nil {
		return nf.Drop
	}
	if orig := &en.Tuple[nf.DirOriginal]; orig.L3 == uint8(nf.FamilyIPv4) && orig.Src.IsZero() {
		return nf.Accept
	}
	if addr.IsZero() {
		e.Stats.NoAddress++
		return nf.Drop
	}
	en.MasqIndex = int32(ifindex)
	one := r.toAddr(addr)
	return e.Setup(id, &one, Src)
}

// A lost is an interface, or one of its addresses, that has gone with connections
// masqueraded to it.
type lost struct {
	ifindex int32
	addr    packet.Addr // zero: all
	from    uint32      // where in the table to go on
}

// LinkDown has Clean end all connections masqueraded to an interface.
func (e *Engine) LinkDown(ifindex int) { e.lose(ifindex, packet.Addr{}) }

// AddrRemoved has Clean end the connections masqueraded to an address of an
// interface.
func (e *Engine) AddrRemoved(ifindex int, addr packet.Addr) {
	if !addr.IsZero() {
		e.lose(ifindex, addr)
	}
}

func (e *Engine) lose(ifindex int, addr packet.Addr) {
	if ifindex != 0 {
		e.lost = append(e.lost, lost{ifindex: int32(ifindex), addr: addr})
	}
}

// Clean ends connections whose interface or address has gone. It looks at n places
// of the table (0: at all) and tells whether there is more to do. The kernel, too,
// ends them in the background (nf_ct_iterate_cleanup_net).
func (e *Engine) Clean(n int) (more bool) {
	for len(e.lost) > 0 {
		l := &e.lost[0]
		l.from = e.table.Walk(l.from, cmp.Or(n, math.MaxInt), func(en *ct.Entry) {
			if en.MasqIndex == l.ifindex && (l.addr.IsZero() || en.Tuple[nf.DirReply].Dst == l.addr) {
				e.table.Kill(en.ID)
			}
		})
		if l.from == 0 {
			e.lost = e.lost[1:]
		}
		if n != 0 {
			break
		}
	}
	return len(e.lost) > 0
}

// Ends reports whether Hook will end the packet's connection, because its way has
// changed.
func (e *Engine) Ends(p *packet.Packet, hook nf.Hook) bool {
	en := e.table.Entry(p.CT)
	return en != nil && routeChanged(p, hook, en)
}

// Losing reports whether Clean has something to do.
func (e *Engine) Losing() bool { return len(e.lost) > 0 }

// routeChanged reports whether a packet of a masqueraded connection is about
// to leave by another interface than the one its address is of.
func routeChanged(p *packet.Packet, hook nf.Hook, en *ct.Entry) bool {
	return en.MasqIndex != 0 && hook == nf.HookPostrouting && p.CTInfo.Dir() == nf.DirOriginal &&
		p.Out != nil && int32(p.Out.Index) != en.MasqIndex
}
