package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// streamDelay is how long after its first packet a UDP flow with traffic both
// ways counts as a stream.
const streamDelay = 2e9

// followUDP tracks UDP (nf_conntrack_proto_udp.c): two lifetimes, by whether
// replies were seen.
func (t *Table) followUDP(e *Entry, d nf.Dir, h *header, checked bool) result {
	if !validUDP(h, checked) {
		return invalid
	}
	to := t.timeouts(e)
	switch {
	case e.Status&nf.CTStatusSeenReply == 0:
		t.refresh(e, d, len(h.ip), to[TimeoutUnreplied])
	case t.now <= e.streamAt:
		t.refresh(e, d, len(h.ip), to[TimeoutUnreplied])
	default:
		t.refresh(e, d, len(h.ip), to[TimeoutReplied])
		if e.Status&nf.CTStatusNATClash == 0 {
			t.assure(e)
		}
	}
	return accept
}

// assure makes an entry immune to early drop.
func (t *Table) assure(e *Entry) {
	if e.Status&nf.CTStatusAssured == 0 {
		e.Status |= nf.CTStatusAssured
		t.Notify(e, EventAssured)
	}
}

// validUDP checks the length field and, unless it is zero, the checksum.
func validUDP(h *header, checked bool) bool {
	if len(h.l4) < packet.UDPSize {
		return false
	}
	n := int(be.Uint16(h.l4[4:]))
	if n < packet.UDPSize || n > len(h.l4) {
		return false
	}
	if !checked || be.Uint16(h.l4[6:]) == 0 {
		return true
	}
	return h.sumOK(nf.ProtoUDP, len(h.l4))
}

// followUDPLite tracks UDP-Lite, which becomes a stream with its first reply.
func (t *Table) followUDPLite(e *Entry, d nf.Dir, h *header, checked bool) result {
	if !validUDPLite(h, checked) {
		return invalid
	}
	if e.Status&nf.CTStatusSeenReply == 0 {
		t.refresh(e, d, len(h.ip), t.timeouts(e)[TimeoutUnreplied])
		return accept
	}
	t.refresh(e, d, len(h.ip), t.timeouts(e)[TimeoutReplied])
	if e.Status&nf.CTStatusNATClash == 0 {
		t.assure(e)
	}
	return accept
}

// validUDPLite checks the coverage and the checksum, which the kernel sums
// with the protocol number of UDP in the pseudo header.
func validUDPLite(h *header, checked bool) bool {
	if len(h.l4) < packet.UDPSize {
		return false
	}
	cover := int(be.Uint16(h.l4[4:]))
	if cover == 0 {
		cover = len(h.l4)
	}
	if cover < packet.UDPSize || cover > len(h.l4) || be.Uint16(h.l4[6:]) == 0 {
		return false
	}
	return !checked || h.sumOK(nf.ProtoUDP, cover)
}
