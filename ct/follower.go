package ct

import (
	"runtime"
	"sync/atomic"

	"nfvm/nf"
	"nfvm/packet"
)

// A Follower takes packets of established flows through a table while other
// Followers of it do so. It does what Track, Confirm and Release do for a packet that
// changes nothing but its flow: a segment within the windows of an established TCP
// connection, a datagram of a UDP flow with answers, an echo, data of an SCTP
// association. For all others it says so, and has done nothing; then the table is to be
// asked itself.
//
// While Followers are at work, nobody else is to use the table: who does must be
// alone. That is why nothing here asks whether an entry is still there. A Follower
// itself is for one goroutine.
type Follower struct {
	_ [128]byte // others' memory is not to be in the same cache lines
	t *Table
	// held guards the flow of the packet that is on its way; nil: none is.
	held *Entry
	_    [128]byte
}

// NewFollower makes a Follower. Nobody else may use the table meanwhile.
func (t *Table) NewFollower() *Follower { return &Follower{t: t} }

// acquire guards an entry against packets of the same flow, which another Follower
// may have: as a rule those of the other direction. They are soon through. The lock
// lies in the entry, whose memory the packet changes anyway.
func (e *Entry) acquire() {
	const spins = 3000
	for n := 0; !atomic.CompareAndSwapUint32(&e.taken, 0, 1); {
		for ; n < spins && atomic.LoadUint32(&e.taken) != 0; n++ {
		}
		if n >= spins {
			runtime.Gosched()
		}
	}
}

// release lets others have the entry.
func (e *Entry) release() { atomic.StoreUint32(&e.taken, 0) }

// Track does what Table.Track does, and reports whether it has. The flow is the
// packet's own until Release; a second packet on the way of a first one is not taken.
// A time before that of packets that others have, or
// have had, is none that runs backwards.
func (f *Follower) Track(p *packet.Packet, pf nf.Family, hook nf.Hook, now int64) bool {
	if p.CT != 0 || p.CTInfo == nf.CTUntracked {
		return p.ZoneDir == 0 && p.Helper == 0
	}
	t := f.t
	now = max(now, t.now)
	if f.held != nil || p.ZoneDir != 0 || p.Helper != 0 || t.Due(now) || hook == nf.HookOutput && isFragment4(p, pf) {
		return false
	}
	var h header
	if p.Network > len(p.Data) || !h.locate(trim(p.Data[p.Network:], pf), pf) {
		return false
	}
	h.summed = p.Offload.Verified()
	checked := hook == nf.HookPrerouting && t.Sysctl.Checksum && !h.summed
	var s segment
	if !ordinary(&h, &s, checked) {
		return false
	}
	e, dir := f.find(&h)
	if e == nil || !f.follow(e, dir, &h, &s, now) {
		return false
	}
	p.CT, p.CTInfo = e.ID, e.info(dir)
	p.SumValid, p.SumComplete = h.summed, h.summed
	return true
}

// Due reports whether something has expired by now, which Sweep would see to.
func (t *Table) Due(now int64) bool {
	at, some := t.NextExpiry()
	return some && at <= now
}

// find is Table.find for packets that no rule gave a zone; it deletes nothing.
func (f *Follower) find(h *header) (*Entry, nf.Dir) {
	tuple, ok := h.tuple()
	if !ok {
		return nil, 0
	}
	at := f.t.index.Probe(f.t.index.hash(&tuple, 0))
	for half := halfID(at.Next()); half != 0; half = halfID(at.Next()) {
		if e, d := f.t.at(half.slot()), half.dir(); e.matches(d, &tuple, Zone{}) {
			return e, d
		}
	}
	return nil, 0
}

// lasting is the status of flows that may be followed: of those in which both sides
// have sent, and unusual is not.
const (
	lasting = nf.CTStatusConfirmed | nf.CTStatusSeenReply
	unusual = nf.CTStatusDying | nf.CTStatusSeqAdjust | nf.CTStatusFixedTimeout | nf.CTStatusNATClash |
		nf.CTStatusOffload | nf.CTStatusTemplate
)

// follow runs the protocol's tracker, if it will change nothing but the flow. Then
// the flow stays locked.
func (f *Follower) follow(e *Entry, d nf.Dir, h *header, s *segment, now int64) bool {
	if e.Helper != 0 || e.proxied || e.Seen == Elsewhere {
		return false
	}
	e.acquire()
	ok := e.Status&(lasting|unusual) == lasting && e.Expires > now && e.events == 0
	if ok && h.proto == nf.ProtoTCP {
		ok = f.segment(e, d, s, now)
	} else if ok {
		ok = f.datagram(e, d, h, now)
	}
	if !ok {
		e.release()
		return false
	}
	f.t.Account(e, d, len(h.ip))
	f.held = e
	return true
}

// segment is followTCP for an acknowledgment, with data or without, that leaves the
// connection established.
func (f *Follower) segment(e *Entry, d nf.Dir, s *segment, now int64) bool {
	c, t := &e.TCP, f.t
	if c.State != TCPEstablished || e.Status&nf.CTStatusAssured == 0 {
		return false
	}
	before := *c
	if t.checkWindow(e, d, s) == inWindow {
		c.lastClass, c.lastDir = s.class, uint8(d)
		if f.prolong(e, now+t.tcpLifetime(c, t.timeouts(e), s.class)) {
			return true
		}
	}
	*c = before
	return false
}

// datagram is what followUDP and its like do with an ordinary packet.
func (f *Follower) datagram(e *Entry, d nf.Dir, h *header, now int64) bool {
	life, same := f.t.lifetime(e, d, h, now)
	return same && f.prolong(e, now+life)
}

// prolong sets the end of an entry's life, if it stays in its place in the queue.
func (f *Follower) prolong(e *Entry, expires int64) bool {
	if expires < e.Expires && f.t.queue.item(int(e.due)-1).due > expires {
		return false
	}
	e.Expires = expires
	return true
}

// Confirm does what Table.Confirm does, and reports whether it has: not if rules have
// changed the flow in a way that is to be told.
func (f *Follower) Confirm(p *packet.Packet) bool {
	return p.CT == 0 || f.held != nil && f.t.get(p.CT).events == 0
}

// Release ends what Track has begun. The packet keeps its entry's id.
func (f *Follower) Release() {
	if f.held != nil {
		f.held.release()
		f.held = nil
	}
}
