package vm

import (
	"nfvm/bytecode"
)

// Snapshot gives the program with what packets have changed at the time now
// (nanoseconds since the epoch): counters, quotas, uses, elements with their
// remaining time. What did not change is shared with Program.
func (r *Ruleset) Snapshot(now int64) *bytecode.Program {
	p := *r.Program
	p.Tables = nil
	for _, t := range r.tables {
		c := *t.decl
		c.Chains, c.Sets, c.Objects = nil, nil, nil
		for _, x := range t.chains {
			c.Chains = append(c.Chains, x.snapshot(now))
		}
		for _, x := range t.sets {
			c.Sets = append(c.Sets, x.snapshot(now))
		}
		for _, x := range t.objects {
			c.Objects = append(c.Objects, x.snapshot(now))
		}
		p.Tables = append(p.Tables, &c)
	}
	return &p
}

func (c *Chain) snapshot(now int64) *bytecode.Chain {
	s := *c.Chain
	s.Rules = nil
	for i := range c.rules {
		r := &c.rules[i]
		if r.states == nil {
			s.Rules = append(s.Rules, r.decl)
			continue
		}
		d := *r.decl
		d.Exprs = append([]bytecode.Expr(nil), d.Exprs...)
		for j, st := range r.states {
			d.Exprs[j] = st.snapshot(now)
		}
		s.Rules = append(s.Rules, &d)
	}
	return &s
}

func (o *object) snapshot(now int64) *bytecode.Object {
	if o.state.conf == nil {
		return o.decl
	}
	d := *o.decl
	switch e := o.state.snapshot(now).(type) {
	case *bytecode.Counter:
		d.Counter = e
	case *bytecode.Quota:
		d.Quota = e
	}
	return &d
}

// snapshot gives the set with its present elements: declared ones in their
// order, then those that came later, in the order of their numbers.
func (s *Set) snapshot(now int64) *bytecode.Set {
	if s.elems == nil && s.catchAll == nil {
		return s.decl
	}
	d := *s.decl
	d.Size = s.size
	d.Elements = s.declared(now)
	for i := range s.elems {
		e := &s.elems[i]
		switch {
		case e.dead || e.expired(now):
		case e.added:
			d.Elements = append(d.Elements, e.snapshot(s, *e.decl, now))
		case e.decl == nil:
			fresh := bytecode.Element{Key: append([]byte(nil), s.hash.Key(int32(i))...), Data: e.data}
			d.Elements = append(d.Elements, e.snapshot(s, fresh, now))
		}
	}
	if c := s.catchAll; c != nil && c.added && !c.expired(now) {
		d.Elements = append(d.Elements, c.snapshot(s, *c.decl, now))
	}
	return &d
}

// declared gives the elements of the declaration that are still there. An
// interval that is over leaves with its end; if it was itself the end of the
// one before, that becomes an end of its own.
func (s *Set) declared(now int64) (out []bytecode.Element) {
	live := make(map[*bytecode.Element]*element)
	for i := range s.elems {
		if e := &s.elems[i]; e.decl != nil && !e.added && !e.dead && !e.expired(now) {
			live[e.decl] = e
		}
	}
	open, gone := false, false // an interval has begun; one that is over has
	for i := range s.decl.Elements {
		e := &s.decl.Elements[i]
		switch {
		case e.CatchAll:
			if s.catchAll != nil && !s.catchAll.added && !s.catchAll.expired(now) {
				out = append(out, s.catchAll.snapshot(s, *e, now))
			}
		case e.IntervalEnd:
			if !gone {
				out = append(out, *e)
			}
			open, gone = false, false
		case s.elems == nil:
			out = append(out, *e)
		case live[e] != nil:
			out = append(out, live[e].snapshot(s, *e, now))
			open, gone = true, false
		case s.decl.Flags&bytecode.SetInterval != 0 && e.KeyEnd == nil:
			if open {
				out = append(out, bytecode.Element{Key: e.Key, IntervalEnd: true})
			}
			open, gone = false, true
		}
	}
	return out
}

func (e *element) expired(now int64) bool { return e.expires != 0 && e.expires <= now }

// snapshot fills a copy of the element's declaration with its present state.
// Rounding is that of the kernel, which counts milliseconds.
func (e *element) snapshot(s *Set, d bytecode.Element, now int64) bytecode.Element {
	if e.expires != 0 {
		d.Expires = uint64(max(e.expires-now, 0)) / 1e6
		if e.timeout != s.timeout {
			d.HasTimeout, d.Timeout = true, uint64(e.timeout)/1e6
		}
	}
	if len(e.states) > 0 {
		d.Exprs = nil
		for i := range e.states {
			d.Exprs = append(d.Exprs, e.states[i].snapshot(now))
		}
	}
	return d
}
