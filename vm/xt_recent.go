package vm

import (
	"fmt"
	"math/bits"
	"slices"

	"nfvm/nf"
	"nfvm/packet"
	"nfvm/xt"
)

// recentEntries is how many addresses a list remembers (the parameter
// ip_list_tot of xt_recent); the one that was heard of longest ago makes room.
const recentEntries = 100

// recentStamps is how many times are remembered for each address by a list that
// no rule wants more of.
const recentStamps = 32

// recentMaxHits is how many packets of an address a rule can ask for, recentRoom
// for how many times of them there is room at once.
const (
	recentMaxHits = 65535
	recentRoom    = 256
)

// A recentKey is an address under the list's mask.
type recentKey struct {
	family nf.Family
	addr   packet.Addr
}

// A recentList is a list of addresses by name, shared by all rules of both
// families.
type recentList struct {
	mask    packet.Addr
	stamps  int // remembered for each address
	entries map[recentKey]*recentEntry
	order   []*recentEntry // the one heard of last at the end
}

// A recentEntry is when packets of an address came: a ring of times.
type recentEntry struct {
	key    recentKey
	ttl    uint8
	stamps []int64
	next   int // place of the next stamp
}

// A recent is a rule's use of a list.
type recent struct {
	list    *recentList
	check   uint8
	invert  bool
	dest    bool
	hits    int
	seconds int64
}

func loadRecent(l *loader, info []byte) (xtMatch, error) {
	var c xt.Recent
	if err := xt.Decode(info, &c); err != nil {
		return nil, err
	}
	if c.HitCount > recentMaxHits {
		return nil, fmt.Errorf("a hit count of %d is larger than the %d packets that are remembered", c.HitCount, recentMaxHits)
	}
	stamps := recentStamps
	if c.HitCount > 0 {
		stamps = 1 << bits.Len32(c.HitCount-1)
	}
	list := l.recents[xt.Text(c.Name[:])]
	if list == nil {
		list = &recentList{mask: packet.Addr(c.Mask), entries: map[recentKey]*recentEntry{}, stamps: stamps}
		l.recents[xt.Text(c.Name[:])] = list
	}
	if stamps > list.stamps {
		list.stamps, list.order = stamps, nil
		clear(list.entries)
	}
	return &recent{list: list, check: c.CheckSet, invert: c.Invert != 0, dest: c.Side != 0,
		hits: int(c.HitCount), seconds: int64(c.Seconds) * 1e9}, nil
}

// find gives an address's entry; a time to live other than 0 must be its too.
func (t *recentList) find(k recentKey, ttl uint8) *recentEntry {
	e := t.entries[k]
	if e == nil || ttl != 0 && e.ttl != 0 && e.ttl != ttl {
		return nil
	}
	return e
}

func (t *recentList) add(k recentKey, now int64, ttl uint8) {
	if old := t.entries[k]; old != nil {
		t.remove(old) // of another time to live
	}
	if len(t.order) >= recentEntries {
		t.remove(t.order[0])
	}
	e := &recentEntry{key: k, ttl: ttl, stamps: make([]int64, 1, min(t.stamps, recentRoom)), next: 1}
	e.stamps[0] = now
	t.entries[k] = e
	t.order = append(t.order, e)
}

func (t *recentList) remove(e *recentEntry) {
	delete(t.entries, e.key)
	if i := slices.Index(t.order, e); i >= 0 {
		t.order = slices.Delete(t.order, i, i+1)
	}
}

// heard notes that a packet came.
func (t *recentList) heard(e *recentEntry, now int64, ttl uint8) {
	e.next %= t.stamps
	if e.next == len(e.stamps) {
		e.stamps = append(e.stamps, now)
	} else {
		e.stamps[e.next] = now
	}
	e.next++
	e.ttl = ttl
	if i := slices.Index(t.order, e); i >= 0 {
		t.order = append(slices.Delete(t.order, i, i+1), e)
	}
}

// reap forgets the entry heard of longest ago if that is before a time.
func (t *recentList) reap(before int64, working *recentEntry, keep bool) {
	e := t.order[0]
	if e == working && keep {
		return
	}
	if before > e.stamps[e.next-1] {
		t.remove(e)
	}
}

// key gives the packet's address, and its time to live as it was on arrival.
func (r *recent) key(m *Machine) (recentKey, uint8) {
	p, k := m.p, recentKey{family: m.p.Family, addr: m.p.Src()}
	if r.dest {
		k.addr = p.Dst()
	}
	for i := range k.addr {
		k.addr[i] &= r.list.mask[i]
	}
	at := 8
	if p.Family == nf.FamilyIPv6 {
		at = 7
	}
	ttl := p.IP()[at]
	if p.Out != nil && !p.Local {
		ttl++
	}
	return k, ttl
}

func (r *recent) match(m *Machine) bool {
	m.alone()
	k, ttl := r.key(m)
	wanted := uint8(0)
	if r.check&xt.RecentTTL != 0 {
		wanted = ttl
	}
	e := r.list.find(k, wanted)
	if e == nil {
		if r.check&xt.RecentSet == 0 {
			return r.invert
		}
		r.list.add(k, m.now, ttl)
		return !r.invert
	}
	found := r.invert
	switch {
	case r.check&xt.RecentSet != 0:
		found = !found
	case r.check&xt.RecentRemove != 0:
		r.list.remove(e)
		found = !found
	case r.check&(xt.RecentCheck|xt.RecentUpdate) != 0:
		if r.enough(e, m.now) {
			found = !found
		}
		if r.check&xt.RecentReap != 0 {
			r.list.reap(m.now-r.seconds, e, r.check&xt.RecentUpdate != 0 && found)
		}
	}
	if r.check&xt.RecentSet != 0 || r.check&xt.RecentUpdate != 0 && found {
		r.list.heard(e, m.now, ttl)
	}
	return found
}

// enough reports whether packets of an entry came as often, within the time, as
// the rule asks.
func (r *recent) enough(e *recentEntry, now int64) bool {
	n := 0
	for _, at := range e.stamps {
		if r.seconds != 0 && now-r.seconds > at {
			continue
		}
		if n++; n >= r.hits {
			return true
		}
	}
	return false
}
