package ct

import "nfvm/nf"

// followGRE tracks GRE (nf_conntrack_proto_gre.c). The lifetimes are those at
// the entry's creation. Linux 6.18 puts them over the longer ones that its PPTP
// helper has set.
func (t *Table) followGRE(e *Entry, d nf.Dir, h *header) result {
	life := &t.extensionOf(e).greTimeout
	if e.Status&nf.CTStatusSeenReply == 0 {
		t.refresh(e, d, len(h.ip), life[0])
		return accept
	}
	t.refresh(e, d, len(h.ip), life[1])
	if e.Status&nf.CTStatusNATClash == 0 {
		t.assure(e)
	}
	return accept
}
