package ct

import (
	"slices"

	"nfvm/nf"
)

// Saved is the connections of a table apart from it, to be put into another one
// later: those of a firewall that is started again. The zero Saved is empty.
type Saved struct {
	// Time is when they were taken, in nanoseconds since the epoch.
	Time int64

	records  []record
	names    []string // of helpers and interfaces
	policies []Policy
	expects  []recordExpect
	help     []recordHelp
}

// Len is the number of connections.
func (s *Saved) Len() int { return len(s.records) }

// SetTime makes the connections ones that were saved at another instant, with the
// same time left.
func (s *Saved) SetTime(at int64) {
	by := at - s.Time
	s.Time = at
	for i := range s.records {
		r := &s.records[i]
		r.Expires += by
		for _, instant := range []*int64{&r.Start, &r.StreamAt} {
			if *instant != 0 {
				*instant = max(*instant+by, 0)
			}
		}
	}
	for i := range s.expects {
		s.expects[i].Expires += by
	}
}

// Save adds the connections in the n places of the table from place from on, as Walk
// counts them. link names an interface, "" when it is gone.
func (t *Table) Save(s *Saved, from uint32, n int, link func(index int) string) (next uint32) {
	s.Time = t.now
	next = t.Walk(from, n, func(e *Entry) {
		if e.Status&nf.CTStatusNATClash == 0 && e.Expires > t.now {
			s.records = append(s.records, t.savedRecord(s, e, link))
		}
	})
	if next == 0 {
		t.saveExpected(s)
	}
	return next
}

func (t *Table) savedRecord(s *Saved, e *Entry, link func(index int) string) record {
	r := t.newRecord(e)
	r.Helper = s.name(t.HelperName(e.Helper))
	if e.Policy != 0 {
		r.Policy = s.policy(t.policies[e.Policy-1])
	}
	if e.MasqIndex != 0 {
		r.Link = s.name(link(int(e.MasqIndex)))
	}
	return r
}

// name gives the number of a name in the list.
func (s *Saved) name(name string) uint16 {
	if name == "" {
		return 0
	}
	return number(&s.names, name)
}

func (s *Saved) policy(p Policy) uint16 { return number(&s.policies, p) }

// number gives the place of v in a list, from 1, 0 when the list is full.
func number[T comparable](list *[]T, v T) uint16 {
	i := slices.Index(*list, v)
	if i < 0 {
		if len(*list) >= maxHandles {
			return 0
		}
		i, *list = len(*list), append(*list, v)
	}
	return uint16(i + 1)
}

// Restored says what became of saved connections: how many are in the table, and
// how many are not, because they have expired, because a flow with one of their
// tuples is there already, because the table is full, or because they make no
// sense here (the interface that they were masqueraded by is gone, say).
type Restored struct{ Flows, Expired, Clashing, Full, Unusable int }

// Restore puts saved connections into the table. usable is asked about each that
// is masqueraded whether it still can be, by the interface with this name; it
// sets MasqIndex. No event is reported. Time that has passed since they were
// saved counts.
func (t *Table) Restore(s *Saved, now int64, usable func(e *Entry, link string) bool) (sum Restored) {
	t.now = max(t.now, now)
	slices.SortStableFunc(s.records, func(a, b record) int {
		switch {
		case a.Seq < b.Seq:
			return -1
		case a.Seq > b.Seq:
			return 1
		}
		return 0
	})
	r := restorer{table: t, from: s, back: max(s.Time-t.now, 0), ids: map[uint32]uint32{}, usable: usable}
	for i := range s.records {
		*r.restore(&s.records[i], &sum)++
	}
	r.restoreExpected()
	return sum
}

type restorer struct {
	table  *Table
	from   *Saved
	back   int64             // by how much the clock was set back meanwhile
	ids    map[uint32]uint32 // of before and now
	usable func(*Entry, string) bool
}

// restore puts one connection into the table and gives the counter of what
// became of it.
func (r *restorer) restore(rec *record, sum *Restored) *int {
	t := r.table
	switch {
	case !rec.sane() || rec.Expires-r.from.Time > maxLifetime:
		return &sum.Unusable
	case rec.Expires-r.back <= t.now:
		return &sum.Expired
	case t.Sysctl.Max != 0 && t.count >= int(t.Sysctl.Max):
		return &sum.Full
	}
	e := t.alloc()
	if e == nil {
		return &sum.Full
	}
	t.fill(e, rec)
	e.Expires -= r.back
	e.streamAt -= r.back
	if !r.link(rec, e) {
		t.release(e)
		return &sum.Unusable
	}
	z := e.ZoneOf()
	for d := nf.DirOriginal; d <= nf.DirReply; d++ {
		if other, _ := t.findHash(t.index.hash(&e.Tuple[d], z.In(d)), &e.Tuple[d], z); other != nil {
			t.release(e)
			return &sum.Clashing
		}
	}
	r.enter(rec, e)
	return &sum.Flows
}

// link gives an entry what it names in the saved lists.
func (r *restorer) link(rec *record, e *Entry) bool {
	t, s := r.table, r.from
	if int(rec.Helper) > len(s.names) || int(rec.Link) > len(s.names) || int(rec.Policy) > len(s.policies) {
		return false
	}
	var err error
	if rec.Helper != 0 {
		if e.Helper, err = t.RegisterHelper(s.names[rec.Helper-1]); err != nil {
			return false
		}
	}
	if rec.Policy != 0 {
		p := s.policies[rec.Policy-1]
		if p.L4 != e.L4() {
			return false
		}
		if e.Policy, err = t.RegisterPolicy(p); err != nil {
			return false
		}
	}
	return rec.Link == 0 || r.usable(e, s.names[rec.Link-1])
}

// enter puts a connection into the table that has room for it.
func (r *restorer) enter(rec *record, e *Entry) {
	t := r.table
	t.count++
	t.seq++
	e.Seq = t.seq
	if master := t.get(r.ids[rec.Master]); rec.Master != 0 && master != nil {
		e.Master = master.ID
		t.ref(master)
	}
	r.ids[rec.ID] = e.ID
	t.insert(e, false)
	if t.OnRestore != nil {
		t.OnRestore(e)
	}
}
