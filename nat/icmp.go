package nat

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// ICMP and ICMPv6 redirect, which make no sense across a translation.
const (
	icmpRedirect   = 5
	icmpv6Redirect = 137
)

// icmpOffset finds the ICMP header of a packet whose protocol is ICMP over
// IPv4 or ICMPv6 over IPv6.
func icmpOffset(p *packet.Packet) (int, bool) {
	b := p.IP()
	switch {
	case p.Family == nf.FamilyIPv4 && len(b) >= packet.IPv4Size:
		return int(b[0]&15) * 4, b[9] == nf.ProtoICMP
	case p.Family == nf.FamilyIPv6 && len(b) >= packet.IPv6Size:
		h, ok := packet.SkipExtHeaders6(b, packet.IPv6Size, b[6])
		return h.Offset, ok && h.Proto == nf.ProtoICMPv6
	}
	return 0, false
}

// translateError translates an ICMP error about a packet of entry en, at
// offset at of the network packet: the quoted packet back to what its sender
// sent, and the outer header as this hook does (RFC 5508 section 4, and
// nf_nat_icmp_reply_translation). It fails for errors that can't be translated.
func (e *Engine) translateError(p *packet.Packet, hook nf.Hook, en *ct.Entry, at int) bool {
	inner := packet.IPv4Size
	redirect := uint8(icmpRedirect)
	if p.Family == nf.FamilyIPv6 {
		inner, redirect = packet.IPv6Size, icmpv6Redirect
	}
	if !p.Pull(at+packet.ICMPSize+inner) || !verified(p, hook, at) {
		return false
	}
	const done = nf.CTStatusSrcNATDone | nf.CTStatusDstNATDone
	if p.IP()[at] == redirect &&
		(en.Status&done != done || en.Status&(nf.CTStatusSrcNAT|nf.CTStatusDstNAT) != 0) {
		return false
	}
	m, dir := ManipOf(hook), p.CTInfo.Dir()
	if !concerns(en, m, dir) {
		return true
	}
	w := rewriter{p: p, target: en.Tuple[1-dir], manip: 1 - m}
	if !w.rewrite(at + packet.ICMPSize) {
		return false
	}
	setICMPSum(p, at)
	w.target, _ = en.Tuple[1-dir].Invert()
	w.manip = m
	w.target.L4 = nf.ProtoICMP
	if p.Family == nf.FamilyIPv6 {
		w.target.L4 = nf.ProtoICMPv6
	}
	return w.rewrite(0)
}

// icmpSum is the sum over the ICMP packet at offset at, with ICMPv6's pseudo
// header.
func icmpSum(p *packet.Packet, at int) uint16 {
	b := p.IP()[at:]
	sum := packet.Sum16(b)
	if p.Family == nf.FamilyIPv6 {
		src, dst := p.Src(), p.Dst()
		sum += packet.PseudoSum(p.Family, &src, &dst, nf.ProtoICMPv6, len(b))
	}
	return packet.Fold(sum)
}

// verified sums the ICMP packet at offset at, once (nf_ip_checksum).
func verified(p *packet.Packet, hook nf.Hook, at int) bool {
	if p.SumComplete {
		p.SumUnnecessary = p.SumUnnecessary || hook == nf.HookPrerouting || hook == nf.HookInput
		return true
	}
	p.SumComplete = icmpSumOK(p, at)
	p.SumValid = p.SumComplete
	return p.SumComplete
}

func icmpSumOK(p *packet.Packet, at int) bool { return icmpSum(p, at) == 0xffff }

func setICMPSum(p *packet.Packet, at int) {
	b := p.IP()[at:]
	b[2], b[3] = 0, 0
	binary.BigEndian.PutUint16(b[2:], ^icmpSum(p, at))
}
