package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// A result is what a protocol's tracker says of a packet.
type result uint8

const (
	accept  result = iota
	invalid        // continue without an entry
	repeat         // the entry was deleted: track the packet as a new flow
	drop
)

// Track gives a packet its entry: it sets p.CT and p.CTInfo. A packet that
// fits no flow and can't start one goes on without an entry, as invalid. The
// only other verdict than Accept is Drop, for want of room in the table.
//
// pf and hook are those of the calling hook, PREROUTING or OUTPUT. The zone
// that rules gave the packet is used up.
func (t *Table) Track(p *packet.Packet, pf nf.Family, hook nf.Hook, now int64) nf.Verdict {
	t.Sweep(now)
	zone := zoneOf(p.Zone, p.ZoneDir)
	helper := p.Helper
	p.Zone, p.ZoneDir, p.Helper = 0, 0, 0
	if p.CT != 0 || p.CTInfo == nf.CTUntracked {
		return nf.Accept
	}
	p.CTInfo = 0
	if hook == nf.HookOutput && isFragment4(p, pf) {
		return nf.Accept
	}
	var h header
	if p.Network > len(p.Data) || !h.locate(trim(p.Data[p.Network:], pf), pf) {
		t.Stats.Invalid++
		return nf.Accept
	}
	h.summed = p.Offload.Verified()
	checked := hook == nf.HookPrerouting && t.Sysctl.Checksum && !h.summed
	if h.proto == nf.ProtoICMP || h.proto == nf.ProtoICMPv6 {
		done := t.precheckICMP(p, &h, zone, checked)
		if p.SumValid, p.SumComplete = h.summed, h.summed; done {
			return nf.Accept
		}
	}
	v := t.trackFlow(p, &h, zone, checked)
	t.assignHelper(p, helper)
	p.SumValid, p.SumComplete = h.summed, h.summed
	return v
}

// assignHelper gives a new connection the helper that a rule chose before
// tracking, unless it was expected and has its helper from there.
func (t *Table) assignHelper(p *packet.Packet, helper uint16) {
	if helper == 0 {
		return
	}
	if e := t.Entry(p.CT); e != nil && !e.Confirmed() && e.Status&nf.CTStatusExpected == 0 {
		e.Helper = helper
		e.Status |= nf.CTStatusHelper
	}
}

// isFragment4 reports whether a packet is an IPv4 fragment. One that the host
// sends by itself was not reassembled, and is not tracked either.
func isFragment4(p *packet.Packet, pf nf.Family) bool {
	const offsetOrMore = 0x3fff
	return pf == nf.FamilyIPv4 && len(p.Data) >= p.Network+packet.IPv4Size &&
		be.Uint16(p.Data[p.Network+6:])&offsetOrMore != 0
}

// trackFlow finds or makes the entry and asks the protocol.
func (t *Table) trackFlow(p *packet.Packet, h *header, zone Zone, checked bool) nf.Verdict {
	tuple, ok := t.tupleOf(h)
	if !ok {
		t.Stats.Invalid++
		return nf.Accept
	}
	for {
		e, dir := t.find(&tuple, zone)
		if e == nil {
			var v nf.Verdict
			if e, v = t.create(&tuple, zone, h); e == nil {
				return v
			}
		}
		t.elsewhere(e)
		p.CT, p.CTInfo = e.ID, e.info(dir)
		switch r := t.follow(e, dir, h, checked); r {
		case accept:
			if dir == nf.DirReply && e.Status&nf.CTStatusSeenReply == 0 {
				e.Status |= nf.CTStatusSeenReply
				t.Notify(e, EventReply)
			}
			return nf.Accept
		case repeat:
			t.Release(p)
		default:
			t.Release(p)
			t.Stats.Invalid++
			if r == drop {
				t.Stats.Drop++
				return nf.Drop
			}
			return nf.Accept
		}
	}
}

// info is the relation of a packet in direction d to e.
func (e *Entry) info(d nf.Dir) nf.CTInfo {
	switch {
	case d == nf.DirReply:
		return nf.CTEstablishedReply
	case e.Status&nf.CTStatusSeenReply != 0:
		return nf.CTEstablished
	case e.Status&nf.CTStatusExpected != 0:
		return nf.CTRelated
	}
	return nf.CTNew
}

// follow runs the protocol's tracker.
func (t *Table) follow(e *Entry, d nf.Dir, h *header, checked bool) result {
	switch h.proto {
	case nf.ProtoTCP:
		return t.followTCP(e, d, h, checked)
	case nf.ProtoUDP:
		return t.followUDP(e, d, h, checked)
	case nf.ProtoUDPLite:
		return t.followUDPLite(e, d, h, checked)
	case nf.ProtoICMP:
		return t.followICMP(e, d, h)
	case nf.ProtoICMPv6:
		return t.followICMPv6(e, d, h)
	case nf.ProtoGRE:
		return t.followGRE(e, d, h)
	case nf.ProtoSCTP:
		return t.followSCTP(e, d, h, checked)
	}
	t.refresh(e, d, len(h.ip), t.timeouts(e)[TimeoutOnly])
	return accept
}
