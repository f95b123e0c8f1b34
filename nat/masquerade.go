package nat

import (
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

// LinkDown ends all connections masqueraded to an interface.
func (e *Engine) LinkDown(ifindex int) {
	e.table.ForEach(func(en *ct.Entry) bool {
		if ifindex != 0 && en.MasqIndex == int32(ifindex) {
			e.table.Kill(en.ID)
		}
		return true
	})
}

// AddrRemoved ends the connections masqueraded to an address of an interface.
func (e *Engine) AddrRemoved(ifindex int, addr packet.Addr) {
	e.table.ForEach(func(en *ct.Entry) bool {
		if ifindex != 0 && en.MasqIndex == int32(ifindex) && en.Tuple[nf.DirReply].Dst == addr {
			e.table.Kill(en.ID)
		}
		return true
	})
}

// routeChanged reports whether a packet of a masqueraded connection is about
// to leave by another interface than the one its address is of.
func routeChanged(p *packet.Packet, hook nf.Hook, en *ct.Entry) bool {
	return en.MasqIndex != 0 && hook == nf.HookPostrouting && p.CTInfo.Dir() == nf.DirOriginal &&
		p.Out != nil && int32(p.Out.Index) != en.MasqIndex
}
