package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// ICMPv6 message types that conntrack tells apart (RFC 4443, 4861, 4620).
const (
	icmpv6FirstInfo = 128 // lower types are errors
	icmpv6Echo      = 128
	icmpv6EchoReply = 129
	icmpv6Redirect  = 137
	icmpv6NodeInfo  = 139
)

// icmpv6Untracked are the messages of multicast listener and neighbor
// discovery, which are exempt from tracking.
func icmpv6Untracked(typ uint8) bool {
	return typ >= 130 && typ <= 136 || typ == 143 || typ == 151 || typ == 152
}

// followICMPv6 is followICMP for ICMPv6.
func (t *Table) followICMPv6(e *Entry, d nf.Dir, h *header) result {
	if h.family != nf.FamilyIPv6 {
		return invalid
	}
	switch e.Tuple[nf.DirOriginal].ICMPType() {
	case icmpv6Echo, icmpv6NodeInfo:
		t.refresh(e, d, len(h.ip), t.timeouts(e)[TimeoutOnly])
		return accept
	}
	return invalid
}

func (t *Table) checkICMPv6(p *packet.Packet, h *header, zone Zone, checked bool) icmpVerdict {
	if len(h.l4) < packet.ICMPSize || checked && !h.sumOK(nf.ProtoICMPv6, len(h.l4)) {
		return icmpInvalid
	}
	switch typ := h.l4[0]; {
	case icmpv6Untracked(typ):
		p.CTInfo = nf.CTUntracked
		return icmpDone
	case typ == icmpv6Redirect:
		return t.checkRedirect(p, h, zone)
	case typ >= icmpv6FirstInfo:
		return icmpTrack
	}
	return t.relate(p, h, h.l4[packet.ICMPSize:], zone)
}

// Redirect messages (RFC 4861, section 4.5): the fixed part, then options, of
// which the first must be the redirected header for conntrack to read it.
const (
	redirectSize       = 40
	redirectOption     = 4
	redirectOptionSize = 8
	neighborHopLimit   = 255
)

func (t *Table) checkRedirect(p *packet.Packet, h *header, zone Zone) icmpVerdict {
	var src, dst packet.Addr
	h.addrs(&src, &dst)
	switch {
	case len(h.l4) < redirectSize:
		return icmpInvalid
	case h.l4[1] != 0:
		return icmpTrack
	case h.ip[7] != neighborHopLimit || !src.IsLinkLocal(nf.FamilyIPv6):
		return icmpInvalid
	}
	option := h.l4[redirectSize:]
	switch {
	case len(option) < 2 || option[1] == 0:
		return icmpInvalid
	case option[0] != redirectOption:
		return icmpTrack
	}
	return t.relate(p, h, option[min(redirectOptionSize, len(option)):], zone)
}
