package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// Confirm ends a packet's way through the hooks: its entry, if new, enters the
// table, and the packet's changes are reported. It drops the packet when the
// entry was killed meanwhile or its place is taken.
func (t *Table) Confirm(p *packet.Packet, now int64) nf.Verdict {
	t.now = max(t.now, now)
	e := t.get(p.CT)
	if e == nil {
		return nf.Accept
	}
	adjust := e.Status&nf.CTStatusSeqAdjust != 0 && t.Adjust != nil
	if e.Helper != 0 && p.CTInfo != nf.CTRelatedReply {
		if v := t.help(p, e); v != nf.Accept {
			return v
		}
	}
	if adjust && p.CTInfo != nf.CTRelatedReply && !t.Adjust(p, e) {
		t.Stats.Drop++
		return nf.Drop
	}
	if e.state == slotUnconfirmed && p.CTInfo.Dir() == nf.DirOriginal {
		if v := t.enter(p, e); v != nf.Accept {
			return v
		}
	}
	if e = t.get(p.CT); e != nil {
		t.deliver(e)
	}
	return nf.Accept
}

// Enter is Confirm as a bridge calls it for a packet that it passes up: a new entry
// enters the table, but no helper reads the packet, and what there is to report
// waits for a later one (br_nf_local_in).
func (t *Table) Enter(p *packet.Packet, now int64) nf.Verdict {
	t.now = max(t.now, now)
	if e := t.get(p.CT); e != nil && e.state == slotUnconfirmed && p.CTInfo.Dir() == nf.DirOriginal {
		return t.enter(p, e)
	}
	return nf.Accept
}

// enter puts an unconfirmed entry into the table (__nf_conntrack_confirm).
func (t *Table) enter(p *packet.Packet, e *Entry) nf.Verdict {
	if e.Dying() {
		t.Stats.InsertFailed++
		return nf.Drop
	}
	z := e.ZoneOf()
	for d := nf.DirOriginal; d <= nf.DirReply; d++ {
		if winner, _ := t.findHash(t.index.hash(&e.Tuple[d], z.In(d)), &e.Tuple[d], z); winner != nil {
			return t.resolveClash(p, e, winner)
		}
	}
	t.begin(e)
	t.insert(e, false)
	t.Stats.Inserted++
	if e.Helper != 0 {
		t.Notify(e, EventHelper)
	}
	if e.Master != 0 {
		t.Notify(e, EventRelated)
	} else {
		t.Notify(e, EventNew)
	}
	return nf.Accept
}

// begin turns the lifetime of an entry into an instant.
func (t *Table) begin(e *Entry) {
	e.Status |= nf.CTStatusConfirmed
	e.Expires += t.now
	if e.timestamp {
		t.extend(e).start = t.now
	}
}

// resolveClash decides about a packet whose entry's place was taken by winner
// while it was under way. Most protocols lose the packet.
func (t *Table) resolveClash(p *packet.Packet, loser, winner *Entry) nf.Verdict {
	if AllowsClash(loser.L4()) {
		if t.merge(p, loser, winner) {
			return nf.Accept
		}
		z, reply := loser.ZoneOf(), &loser.Tuple[nf.DirReply]
		other, _ := t.findHash(t.index.hash(reply, z.In(nf.DirReply)), reply, z)
		if other == nil {
			t.keepReplyOnly(loser)
			return nf.Accept
		}
		if t.merge(p, loser, other) {
			return nf.Accept
		}
	}
	t.Stats.Drop++
	t.Stats.InsertFailed++
	return nf.Drop
}

// AllowsClash reports whether a protocol has no handshake, so that two packets of
// a new flow may make an entry each (allow_clash).
func AllowsClash(l4 uint8) bool {
	return l4 == nf.ProtoUDP || l4 == nf.ProtoUDPLite || l4 == nf.ProtoGRE
}

// merge moves a packet to winner if both entries are the same flow.
func (t *Table) merge(p *packet.Packet, loser, winner *Entry) bool {
	if !sameFlow(loser, winner) {
		return false
	}
	d := p.CTInfo.Dir()
	if winner.Counted() && loser.Counted() {
		to, from := t.counters.at(winner.counters), t.counters.at(loser.counters)
		to.Packets[d] += from.Packets[d]
		to.Bytes[d] += from.Bytes[d]
	}
	info := p.CTInfo
	t.Release(p)
	p.CT, p.CTInfo = winner.ID, info
	t.Stats.ClashResolve++
	return true
}

// sameFlow reports whether two entries have the same tuples and zones, be it
// with the directions exchanged.
func sameFlow(a, b *Entry) bool {
	za, zb := a.ZoneOf(), b.ZoneOf()
	for flip := nf.DirOriginal; flip <= nf.DirReply; flip++ {
		o, r := flip, 1-flip
		if a.Tuple[0] == b.Tuple[o] && a.Tuple[1] == b.Tuple[r] &&
			za.In(0) == zb.In(o) && za.In(1) == zb.In(r) {
			return true
		}
	}
	return false
}

// clashLifetime is for how long the loser of a clash waits for its reply.
const clashLifetime = 1e9

// keepReplyOnly inserts the loser of a clash so that only replies find it.
func (t *Table) keepReplyOnly(e *Entry) {
	e.Expires = clashLifetime
	t.begin(e)
	e.Status |= nf.CTStatusFixedTimeout | nf.CTStatusNATClash
	t.insert(e, true)
	t.Stats.ClashResolve++
}
