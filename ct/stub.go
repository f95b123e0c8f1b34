package ct

import "nfvm/nf"

// after reports a > b for sequence numbers (RFC 793 arithmetic modulo 2^32).
func after(a, b uint32) bool { return int32(b-a) < 0 }

func (t *Table) followTCP(e *Entry, d nf.Dir, h *header, checked bool) result {
	t.refresh(e, d, len(h.ip), t.timeouts(e)[TimeoutNew])
	return accept
}

func (t *Table) followSCTP(e *Entry, d nf.Dir, h *header, checked bool) result {
	t.refresh(e, d, len(h.ip), t.timeouts(e)[SCTPClosed])
	return accept
}
