package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// ordinary reports whether a packet looks like one with which a flow just goes on; of
// TCP it gives the segment.
func ordinary(h *header, s *segment, checked bool) (ok bool) {
	switch h.proto {
	case nf.ProtoTCP:
		*s, ok = parseTCP(h, checked)
		return ok && s.class == classAck
	case nf.ProtoUDP:
		return validUDP(h, checked)
	case nf.ProtoUDPLite:
		return validUDPLite(h, checked)
	case nf.ProtoICMP, nf.ProtoICMPv6:
		return isEcho(h) && (!checked || h.sumOK(h.proto, len(h.l4)))
	case nf.ProtoSCTP:
		return len(h.l4) >= sctpHeaderSize && (!checked || h.sctpSumOK()) && quiet(h.l4[sctpHeaderSize:])
	case nf.ProtoGRE: // the tuple of PPTP depends on what others have agreed on
		return len(h.l4) < 8 || h.l4[1]&greVersionMask != greVersionPPTP
	}
	return true
}

// isEcho reports whether an ICMP message asks for an echo or is one.
func isEcho(h *header) bool {
	if len(h.l4) < packet.ICMPSize {
		return false
	}
	switch typ := h.l4[0]; {
	case h.proto == nf.ProtoICMP && h.family == nf.FamilyIPv4:
		return typ == icmpEcho || typ == icmpEchoReply
	case h.proto == nf.ProtoICMPv6 && h.family == nf.FamilyIPv6:
		return typ == icmpv6Echo || typ == icmpv6EchoReply
	}
	return false
}

// quiet reports whether none of the chunks changes an association's state, or has a
// rule of its own for the verification tag: they are data and acknowledgments.
func quiet(chunks []byte) bool {
	m := sctpMessage{chunks: chunks}
	ok := m.survey()
	for i, types := range m.types {
		ok = ok && types&changing[i] == 0
	}
	return ok
}

// changing are the chunk types that sctpTransitions has, as bits.
var changing = func() (types [4]uint64) {
	for typ := range sctpTransitions[nf.DirOriginal] {
		types[typ/64] |= 1 << (typ % 64)
	}
	return types
}()

// lifetime is how long a flow lives on after an ordinary packet in direction d, and
// whether the packet changes nothing else.
func (t *Table) lifetime(e *Entry, d nf.Dir, h *header, now int64) (lifetime int64, same bool) {
	to, assured := t.timeouts(e), e.Status&nf.CTStatusAssured != 0
	switch h.proto {
	case nf.ProtoUDP:
		if now <= e.streamAt {
			return to[TimeoutUnreplied], true
		}
		return to[TimeoutReplied], assured
	case nf.ProtoUDPLite:
		return to[TimeoutReplied], assured
	case nf.ProtoSCTP:
		a := &t.extensionOf(e).sctp
		return to[a.State], a.Tags[d] == be.Uint32(h.l4[4:])
	case nf.ProtoGRE:
		return t.extensionOf(e).greTimeout[1], assured
	case nf.ProtoICMP:
		return to[TimeoutOnly], e.Tuple[nf.DirOriginal].ICMPType() == icmpEcho
	case nf.ProtoICMPv6:
		return to[TimeoutOnly], e.Tuple[nf.DirOriginal].ICMPType() == icmpv6Echo
	}
	return to[TimeoutOnly], true
}
