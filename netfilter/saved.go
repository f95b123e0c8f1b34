package netfilter

import (
	"nfvm/ct"
	"nfvm/nf"
)

// SaveConntrack adds connections to s as ct.Table.Save does.
func (e *Engine) SaveConntrack(s *ct.Saved, from uint32, n int) (next uint32) {
	return e.ct.Save(s, from, n, func(index int) string {
		if l := e.host.LinkByIndex(index); l != nil {
			return l.Name
		}
		return ""
	})
}

// RestoreConntrack puts connections of an earlier engine into the table at the
// time now. Those that were masqueraded behind an address that is gone are left
// out. Nobody has seen what passed since they were saved, so their TCP windows are
// not enforced, as conntrackd does with the flows that it takes over.
func (e *Engine) RestoreConntrack(s *ct.Saved, now int64) ct.Restored {
	e.now = max(e.now, now)
	sum := e.ct.Restore(s, e.now, func(entry *ct.Entry, name string) bool {
		l := e.host.LinkByName(name)
		if l == nil || !e.host.OwnsOn(entry.Tuple[nf.DirReply].Dst.Netip(nf.Family(entry.Tuple[nf.DirReply].L3)), l) {
			return false
		}
		entry.MasqIndex = int32(l.Index)
		return true
	})
	e.ct.Loosen()
	return sum
}
