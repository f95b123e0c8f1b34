package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// ICMP message types that conntrack tells apart (RFC 792, RFC 950).
const (
	icmpEchoReply    = 0
	icmpUnreachable  = 3
	icmpSourceQuench = 4
	icmpRedirect     = 5
	icmpEcho         = 8
	icmpTimeExceeded = 11
	icmpParamProblem = 12
	icmpTimestamp    = 13
	icmpInfoRequest  = 15
	icmpAddressMask  = 17
	icmpTypeMax      = 18
)

// followICMP tracks queries. Only a request can start a flow, so entries of
// any other message vanish again.
func (t *Table) followICMP(e *Entry, d nf.Dir, h *header) result {
	if h.family != nf.FamilyIPv4 {
		return invalid
	}
	switch e.Tuple[nf.DirOriginal].ICMPType() {
	case icmpEcho, icmpTimestamp, icmpInfoRequest, icmpAddressMask:
		t.refresh(e, d, len(h.ip), t.timeouts(e)[TimeoutOnly])
		return accept
	}
	return invalid
}

// precheckICMP looks at ICMP and ICMPv6 before there is an entry. It reports
// true when nothing remains to be tracked: the message is an error about a
// flow, is exempt, or is invalid.
func (t *Table) precheckICMP(p *packet.Packet, h *header, zone Zone, checked bool) (done bool) {
	v := icmpTrack
	switch {
	case h.family == nf.FamilyIPv4 && h.proto == nf.ProtoICMP:
		v = t.checkICMP(p, h, zone, checked)
	case h.family == nf.FamilyIPv6 && h.proto == nf.ProtoICMPv6:
		v = t.checkICMPv6(p, h, zone, checked)
	}
	if v == icmpInvalid {
		t.Stats.ICMPError++
	}
	return v != icmpTrack
}

// An icmpVerdict is the outcome of the check of an ICMP message.
type icmpVerdict uint8

const (
	icmpTrack   icmpVerdict = iota // go on to the tracker
	icmpDone                       // related to an entry, or untracked
	icmpInvalid                    // no entry
)

func (t *Table) checkICMP(p *packet.Packet, h *header, zone Zone, checked bool) icmpVerdict {
	if len(h.l4) < packet.ICMPSize || checked && !h.sumOK(nf.ProtoICMP, len(h.l4)) {
		return icmpInvalid
	}
	switch typ := h.l4[0]; typ {
	case icmpUnreachable, icmpSourceQuench, icmpRedirect, icmpTimeExceeded, icmpParamProblem:
		return t.relate(p, h, h.l4[packet.ICMPSize:], zone)
	default:
		if typ > icmpTypeMax {
			return icmpInvalid
		}
	}
	return icmpTrack
}

// relate attaches the entry of the packet that an ICMP error quotes. The quote
// was sent by one end of the flow, so its inverse is the tuple of the half
// that the error travels with; it must be addressed to that half's destination.
func (t *Table) relate(p *packet.Packet, h *header, quote []byte, zone Zone) icmpVerdict {
	var inner header
	if !inner.locate(quote, h.family) {
		return icmpInvalid
	}
	tuple, ok := t.tupleOf(&inner)
	if !ok {
		return icmpInvalid
	}
	if tuple, ok = tuple.Invert(); !ok {
		return icmpInvalid
	}
	e, d := t.find(&tuple, zone)
	var src, dst packet.Addr
	h.addrs(&src, &dst)
	if e == nil || e.Tuple[d].Dst != dst {
		return icmpInvalid
	}
	p.CT, p.CTInfo = e.ID, nf.CTRelated
	if d == nf.DirReply {
		p.CTInfo = nf.CTRelatedReply
	}
	return icmpDone
}
