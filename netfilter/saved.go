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
// out. Nobody has seen what passed meanwhile, so windows are learned anew.
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
	e.ct.RelearnWindows(nf.FamilyIPv4)
	e.ct.RelearnWindows(nf.FamilyIPv6)
	return sum
}
