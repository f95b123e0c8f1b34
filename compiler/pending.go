package compiler

import (
	"slices"

	"nfvm/bytecode"
)

// pending is what a rule changes in the transaction. It waits until the rule's
// turn: so rules can be evaluated ahead of it, and in parallel (see rulejobs.go).
type pending struct {
	counts  []*int    // uses of sets, chains and objects
	made    []madeSet // anonymous sets, without names so far
	unnamed []setName // where their names belong
}

// A madeSet is an anonymous set with its elements as they are listed.
type madeSet struct {
	*setState
	elems []bytecode.Element
}

type setName struct {
	at  *string
	set *setState
}

// waits gives the changes that wait in a rule.
func (r *ruleState) waits() *pending {
	if r.pending == nil {
		r.pending = new(pending)
	}
	return r.pending
}

// count notes one more use of something.
func (r *rule) count(uses *int) {
	if r.ahead {
		p := r.out.waits()
		p.counts = append(p.counts, uses)
	} else {
		*uses++
	}
}

// make adds an anonymous set to the table when the rule enters its chain.
func (r *rule) make(s *setState, elems []bytecode.Element) {
	if r.out == nil {
		r.table.addAnonymous(s)
		r.listSet(r.table, s, elems)
		return
	}
	p := r.out.waits()
	p.made = append(p.made, madeSet{s, elems})
}

// name writes the name of a set, later if it has none yet.
func (l *lin) name(at *string, s *setState) {
	*at = s.Name
	if s.Handle == 0 {
		p := l.r.out.waits()
		p.unnamed = append(p.unnamed, setName{at, s})
	}
}

// nameSets gives the anonymous sets that a rule made their names and handles.
func (c *compiler) nameSets(t *tableState, p *pending) {
	if p == nil {
		return
	}
	for _, s := range p.made {
		t.addAnonymous(s.setState)
		c.listSet(t, s.setState, s.elems)
	}
	for _, n := range p.unnamed {
		*n.at = n.set.Name
	}
	p.made, p.unnamed = nil, nil
}

// enter makes the changes that waited in a rule, and gives it its handle.
func (c *compiler) enter(t *tableState, ch *chainState, r *ruleState) {
	if p := r.pending; p != nil {
		for _, n := range p.counts {
			*n++
		}
		c.nameSets(t, p)
		r.pending = nil
	}
	r.Handle = t.nextHandle()
	chain := ""
	if ch != nil && !ch.anonymous {
		chain = ch.Name
	}
	c.listRule(t, chain, r.Rule)
}

// noRefs are those of a rule that refers to nothing.
var noRefs refs

// keep gives a copy that lasts.
func (f *refs) keep() *refs {
	if len(f.jumps)+len(f.sets)+len(f.objs)+len(f.flows)+len(f.places) == 0 {
		return &noRefs
	}
	return &refs{slices.Clone(f.jumps), slices.Clone(f.sets), slices.Clone(f.objs), slices.Clone(f.flows), slices.Clone(f.places)}
}
