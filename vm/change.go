package vm

import (
	"fmt"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/vm/set"
)

// A Change is what happens to the elements of one set while packets flow.
type Change struct {
	Family     nf.Family
	Table, Set string
	// Decl is the set with all its elements after the change, as of At
	// (nanoseconds since the epoch), from where the elements' times count.
	Decl *bytecode.Set
	At   int64
	// Added and Removed are the difference, for sets that packets change as well.
	Added, Removed []bytecode.Element

	target, fresh *Set
	loader        *loader
}

// Prepare readies a change, which may take long with a large set, for Apply.
// Packets may flow meanwhile.
func (r *Ruleset) Prepare(c *Change) error {
	for _, t := range r.tables {
		if t.decl.Family != c.Family || t.decl.Name != c.Table {
			continue
		}
		for _, s := range t.sets {
			if s.decl.Name == c.Set && s.decl.Flags&bytecode.SetAnonymous == 0 {
				return r.prepare(c, t, s)
			}
		}
	}
	return fmt.Errorf("no set %s in table %s %s", c.Set, c.Family, c.Table)
}

func (r *Ruleset) prepare(c *Change, t *table, s *Set) (err error) {
	l := &loader{program: r.Program, decl: t.decl, now: c.At, chains: map[string]*Chain{}, objects: map[objectKey]*object{}}
	for _, x := range t.chains {
		l.chains[x.Chain.Name] = x
	}
	for _, x := range t.objects {
		l.objects[objectKey{x.decl.Type, x.decl.Name}] = x
	}
	c.target, c.loader = s, l
	if !c.inPlace() {
		c.fresh, err = l.loadSet(c.Decl)
	}
	return err
}

// inPlace tells that elements come and go one by one, because packets may have
// changed others since.
func (c *Change) inPlace() bool { return c.target.hash != nil && c.target.elems != nil }

// Apply makes the change, between packets.
func (c *Change) Apply() {
	if !c.inPlace() {
		c.fresh.changing = c.target.changing
		*c.target = *c.fresh
		return
	}
	s := c.target
	for i := range c.Removed {
		if c.Removed[i].CatchAll {
			s.catchAll = nil
		} else if n := s.hash.Find(c.Removed[i].Key); n != set.None {
			s.remove(c.Removed[i].Key)
			s.room.used--
		}
	}
	for i := range c.Added {
		e := c.loader.newElement(s, &c.Added[i])
		e.added = true
		if c.Added[i].CatchAll {
			s.catchAll = &e
			continue
		}
		n, fresh := s.hash.Add(c.Added[i].Key)
		if int(n) == len(s.elems) {
			s.elems = append(s.elems, element{})
		}
		if fresh {
			s.room.used++
		}
		s.elems[n] = e
	}
}
