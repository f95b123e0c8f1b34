package vm

import (
	"reflect"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/vm/set"
)

type tableKey struct {
	family nf.Family
	name   string
}

// TakeOver moves the state of an earlier ruleset to what has kept its name.
func (r *Ruleset) TakeOver(old *Ruleset) {
	r.Match(old)
	for _, p := range r.kept {
		p.now.takeOver(p.was)
	}
	r.kept, r.keptFrom = nil, nil
	r.eachKept(old, func(t, old *table) {
		sets := make(map[string]*Set)
		for _, s := range old.sets {
			sets[s.decl.Name] = s
		}
		for _, s := range t.sets {
			if was := sets[s.decl.Name]; was != nil && s.decl.Flags&bytecode.SetAnonymous == 0 {
				s.takeOver(was)
			}
		}
	})
}

// Match finds the objects and rules whose state TakeOver will move. It takes most
// of the time and may be called before, while packets run.
func (r *Ruleset) Match(old *Ruleset) {
	if r.keptFrom == old {
		return
	}
	r.kept, r.keptFrom = nil, old
	r.eachKept(old, r.match)
}

// A keptState is one that continues an earlier one.
type keptState struct{ now, was *State }

// eachKept calls f for the tables that have kept their name.
func (r *Ruleset) eachKept(old *Ruleset, f func(t, old *table)) {
	before := make(map[tableKey]*table)
	for _, t := range old.tables {
		before[tableKey{t.decl.Family, t.decl.Name}] = t
	}
	for _, t := range r.tables {
		if o := before[tableKey{t.decl.Family, t.decl.Name}]; o != nil {
			f(t, o)
		}
	}
}

func (r *Ruleset) match(t, old *table) {
	objects := make(map[objectKey]*object)
	for _, o := range old.objects {
		objects[objectKey{o.decl.Type, o.decl.Name}] = o
	}
	for _, o := range t.objects {
		if was := objects[objectKey{o.decl.Type, o.decl.Name}]; was != nil {
			r.kept = append(r.kept, keptState{&o.state, &was.state})
		}
	}
	chains := make(map[string]*Chain)
	for _, c := range old.chains {
		chains[c.Chain.Name] = c
	}
	for _, c := range t.chains {
		if was := chains[c.Chain.Name]; was != nil {
			r.matchRules(c, was)
		}
	}
}

// takeOver continues from another state of the same expression.
func (s *State) takeOver(old *State) {
	if s.conf == nil || old.conf == nil || s.conf.kind != old.conf.kind {
		return
	}
	if s.conf.kind == stateCounter || sameLimits(s.conf, old.conf) {
		s.a, s.b, s.conns = old.a, old.b, old.conns
	}
}

func sameLimits(a, b *stateConf) bool {
	return a.limit == b.limit && a.rate == b.rate && a.nsecs == b.nsecs && a.full == b.full && a.over == b.over
}

// matchRules finds the rules that stay what they were: rules with the same handle
// and the same expressions.
func (r *Ruleset) matchRules(c, old *Chain) {
	byHandle := make(map[uint64]*rule)
	for i := range old.rules {
		byHandle[old.rules[i].decl.Handle] = &old.rules[i]
	}
	for i := range c.rules {
		x := &c.rules[i]
		was := byHandle[x.decl.Handle]
		if was == nil || len(x.states) == 0 || !reflect.DeepEqual(x.decl.Exprs, was.decl.Exprs) {
			continue
		}
		for j, s := range x.states {
			r.kept = append(r.kept, keptState{s, was.states[j]})
		}
	}
}

// takeOver keeps elements that packets added, and the state of declared ones.
func (s *Set) takeOver(old *Set) {
	if s.hash == nil || s.decl.VerdictMap() {
		s.declaredTakeOver(old)
		return
	}
	same := s.hash != nil && old.hash != nil && s.elems != nil && old.elems != nil &&
		s.decl.KeyLen == old.decl.KeyLen && s.decl.DataLen == old.decl.DataLen
	if !same || s.decl.Flags&bytecode.SetObject != 0 {
		return
	}
	for i := range old.elems {
		was := &old.elems[i]
		if was.dead {
			continue
		}
		key := old.hash.Key(int32(i))
		n := s.hash.Find(key)
		switch {
		case n != set.None:
			s.elems[n].timeout, s.elems[n].expires = was.timeout, was.expires
		case was.decl != nil:
			continue // the new ruleset no longer declares it
		default:
			if n, _ = s.hash.Add(key); int(n) == len(s.elems) {
				s.elems = append(s.elems, element{})
			}
			s.elems[n] = *was
			s.room.used++
		}
		if states := s.elems[n].states; len(states) == len(was.states) {
			for j := range states {
				states[j].takeOver(&was.states[j])
			}
		}
	}
}

// declaredTakeOver continues the declared elements of a set that packets do not
// fill: those with the same key.
func (s *Set) declaredTakeOver(old *Set) {
	if old.decl.KeyLen != s.decl.KeyLen {
		return
	}
	before := make(map[[2]string]*element)
	old.stateful(func(key [2]string, e *element) { before[key] = e })
	if len(before) == 0 {
		return
	}
	s.stateful(func(key [2]string, e *element) {
		was := before[key]
		if was == nil || len(was.states) != len(e.states) {
			return
		}
		e.timeout, e.expires = was.timeout, was.expires
		for i := range e.states {
			e.states[i].takeOver(&was.states[i])
		}
	})
}

// stateful gives the declared elements that have a time or a state, with the
// ends of their keys.
func (s *Set) stateful(f func(key [2]string, e *element)) {
	for i := range s.elems {
		if e := &s.elems[i]; e.decl != nil && (e.expires != 0 || len(e.states) > 0) {
			f([2]string{string(e.decl.Key), string(e.decl.KeyEnd)}, e)
		}
	}
	if e := s.catchAll; e != nil && e.decl != nil {
		f([2]string{"*"}, e)
	}
}
