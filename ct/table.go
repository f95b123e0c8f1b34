package ct

import (
	"nfvm/internal/hashindex"
	"nfvm/nf"
	"nfvm/packet"
)

// A Config is what a Table needs from outside.
type Config struct {
	// Sysctls nil means DefaultSysctls.
	Sysctls *Sysctls
	// Rand gives 32 random bits; it seeds the hash and the entries' numbers.
	Rand func() uint32
	// OnEvent, when not nil, is told of each event while the packet that
	// caused it is processed. The event is valid during the call only.
	OnEvent func(*Event)
	// OnFree, when not nil, is called before an entry goes away, confirmed or
	// not, so that others can forget it.
	OnFree func(*Entry)
}

// A Table holds the connections of one network namespace.
type Table struct {
	// Sysctl holds the settings, which may change at any time. Max may,
	// Buckets has no effect after New.
	Sysctl Sysctls
	// UseLabels says that some rule uses `ct label`; new entries get labels.
	UseLabels bool
	// SweepStep is how many entries Sweep looks at, at most, so that no packet waits
	// for the end of many flows; 0: all.
	SweepStep int
	// Stats counts as /proc/net/stat/nf_conntrack does.
	Stats Stats
	// OnEvent and OnFree are those of Config.
	OnEvent func(*Event)
	OnFree  func(*Entry)
	// OnRestore, when not nil, is called for each entry that Restore has put into
	// the table.
	OnRestore func(*Entry)
	// OnElsewhere, when not nil, is called before anything is done with an entry that
	// has Seen Elsewhere, to bring home what others know of it.
	OnElsewhere func(*Entry)
	// OnKnow is the same for one who only reads the entry.
	OnKnow func(*Entry)
	// Helpers, when not nil, knows the helpers by name; it is asked once for each.
	Helpers func(name string) *Helper
	// OnExpect, when not nil, is told of each expectation that is made or ends. The
	// event is valid during the call only.
	OnExpect func(*ExpectEvent)
	// Adjust, when not nil, moves the sequence numbers of a packet whose entry
	// has the status SEQ_ADJUST, after its helper; false drops the packet.
	Adjust func(p *packet.Packet, e *Entry) bool

	slabs
	index      index
	queue      queue
	policies   []Policy
	helpers    []*Helper
	helpData   map[uint32]*HelpData // by entry
	greKeys    greKeys
	expects    expectations
	onExpected [expectFuncs]func(*Entry, *Expectation)
	buckets    uint64
	count      int
	live       int
	seq        uint64
	seed       uint64
	now        int64
	event      Event    // reused for each call of OnEvent
	victims    []*Entry // reused by droppable
	oldest     uint32   // live entries in creation order
	newest     uint32
}

// Stats are the counters of a table.
type Stats struct {
	Inserted uint64 // connections that were confirmed
	Added    uint64 // those that programs made; the kernel's "insert"

	Found, Invalid, InsertFailed, Drop, EarlyDrop, ICMPError uint64
	ClashResolve                                             uint64
	ExpectNew, ExpectCreate, ExpectDelete                    uint64
}

// New makes an empty table.
func New(cfg Config) *Table {
	t := &Table{Sysctl: DefaultSysctls(), OnEvent: cfg.OnEvent, OnFree: cfg.OnFree}
	if cfg.Sysctls != nil {
		t.Sysctl = *cfg.Sysctls
	}
	rand := cfg.Rand
	if rand == nil {
		rand = func() uint32 { return 0 }
	}
	t.index = index{hashindex.New(2*uint64(t.Room()), rand)}
	t.seed = uint64(rand())<<32 | uint64(rand())
	t.buckets = uint64(max(t.Sysctl.Buckets, 1))
	t.queue.slab = &t.slabs
	return t
}

// Room is how many entries indexes of the table should be made for.
func (t *Table) Room() uint32 {
	const most = 1 << 20
	if t.Sysctl.Max == 0 {
		return most
	}
	return min(t.Sysctl.Max, most)
}

// Entry finds an entry by id, nil when it is gone. An entry deleted while a
// packet holds it is still found, with status DYING.
func (t *Table) Entry(id uint32) *Entry { return t.get(id) }

// Count is the number of entries, confirmed or not.
func (t *Table) Count() int { return t.count }

// Now is the time of the last packet or sweep.
func (t *Table) Now() int64 { return t.now }

// Lookup finds the confirmed entry that has tuple as one of its halves.
func (t *Table) Lookup(tuple *Tuple, z Zone) (id uint32, dir nf.Dir, ok bool) {
	e, dir := t.find(tuple, z)
	if e == nil {
		return 0, 0, false
	}
	return e.ID, dir, true
}

// Taken reports whether an entry other than self, of self's zone, has the
// tuple as one of its halves. An entry with the same original tuple is the
// same flow and does not count (nf_conntrack_tuple_taken).
func (t *Table) Taken(tuple *Tuple, self *Entry) bool {
	z := self.ZoneOf()
	h := t.index.hash(tuple, z.In(nf.DirReply))
	at := t.index.Probe(h)
	for half := halfID(at.Next()); half != 0; half = halfID(at.Next()) {
		e := t.at(half.slot())
		if e == self || !e.matches(half.dir(), tuple, z) || e.Expires <= t.now {
			continue
		}
		if e.Tuple[nf.DirOriginal] == self.Tuple[nf.DirOriginal] && e.ZoneOf().In(nf.DirOriginal) == z.In(nf.DirOriginal) {
			continue
		}
		t.Stats.Found++
		return true
	}
	return false
}

// AlterReply replaces the reply tuple of an unconfirmed entry, which is how
// NAT records a translation.
func (t *Table) AlterReply(id uint32, reply Tuple) {
	if e := t.get(id); e != nil && !e.Confirmed() {
		e.Tuple[nf.DirReply] = reply
	}
}

// ForEach calls f for the entries of the table in the order of their creation
// until f returns false. f may kill the entry it is given.
func (t *Table) ForEach(f func(*Entry) bool) {
	for slot := t.oldest; slot != 0; {
		e := t.at(slot)
		seq := e.Seq
		slot = e.newer
		if !f(e) {
			return
		}
		if slot != 0 && (t.at(slot).state != slotLive || t.at(slot).Seq <= seq) {
			slot = t.firstAfter(seq) // f has deleted that one too
		}
	}
}

// Walk calls f for the entries in the n places of the table from place from on, in
// no particular order, and gives the place to go on with, 0 at the end: a large
// table is gone through in steps between packets. f may kill the entry it is given.
func (t *Table) Walk(from uint32, n int, f func(*Entry)) (next uint32) {
	for from = max(from, 1); n > 0 && from <= t.used; n, from = n-1, from+1 {
		if e := t.at(from); e.state == slotLive {
			f(e)
		}
	}
	if from <= t.used {
		return from
	}
	return 0
}

// firstAfter gives the slot of the oldest entry that is younger than one.
func (t *Table) firstAfter(seq uint64) uint32 {
	for slot := t.oldest; slot != 0; slot = t.at(slot).newer {
		if t.at(slot).Seq > seq {
			return slot
		}
	}
	return 0
}

func (h halfID) dir() nf.Dir { return nf.Dir(h & 1) }

func (e *Entry) half(d nf.Dir) halfID { return halfID(e.ID&slotMask)<<1 | halfID(d) }

// matches reports whether half d of e has this tuple in this zone.
func (e *Entry) matches(d nf.Dir, tuple *Tuple, z Zone) bool {
	return e.Tuple[d] == *tuple && e.ZoneOf().In(d) == z.In(d)
}

// find looks a tuple up, first with the zone of the original direction, then
// with that of the reply direction.
func (t *Table) find(tuple *Tuple, z Zone) (*Entry, nf.Dir) {
	if e, d := t.findHash(t.index.hash(tuple, z.In(nf.DirOriginal)), tuple, z); e != nil {
		return e, d
	}
	if z.In(nf.DirReply) == z.In(nf.DirOriginal) {
		return nil, 0
	}
	return t.findHash(t.index.hash(tuple, z.In(nf.DirReply)), tuple, z)
}

// findHash looks through the halves of one hash; those it meets that have
// expired are deleted.
func (t *Table) findHash(h uint32, tuple *Tuple, z Zone) (*Entry, nf.Dir) {
	at := t.index.Probe(h)
	for half := halfID(at.Next()); half != 0; half = halfID(at.Next()) {
		e, d := t.at(half.slot()), half.dir()
		if !e.matches(d, tuple, z) {
			continue
		}
		if e.Expires <= t.now {
			t.elsewhere(e)
		}
		if e.Expires > t.now {
			return e, d
		}
		t.delete(e, e.Expires)
		at = t.index.Probe(h)
	}
	return nil, 0
}
