package vm

import (
	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/vm/set"
)

// A Set is a set or map of a loaded ruleset: the index that finds an element's
// number, and what the elements carry.
type Set struct {
	decl  *bytecode.Set
	index set.Index
	hash  *set.Hash // index, where packets may change the set
	// elems is by number; it is nil for a set whose elements are only keys.
	elems    []element
	catchAll *element
	confs    []*stateConf // of every element
	size     uint32       // most elements, 0 for a set that packets don't change
	timeout  int64        // default, nanoseconds, 0 none
	room     room         // of a set that packets change
	swept    int64        // when elements were last collected
	counts   bool         // there were elements that count connections
	idled    int64        // when those without connections were last collected
	changing bool         // some rule changes it
}

// An element is what a key carries.
type element struct {
	decl    *bytecode.Element // nil for elements added by packets
	data    []byte
	verdict nf.Verdict
	target  *Chain
	object  *object
	states  []State
	// timeout is the element's lifetime, expires its end; 0: it has none.
	timeout, expires int64
	dead             bool // its number is free
	// added tells that it was declared after the set was loaded, so that it is not
	// among the set's own.
	added bool
}

// present stands for every element of a set of mere keys.
var present element

// find gives the element that a key belongs to, nil if there is none or its
// time is over.
func (s *Set) find(key []byte, now int64) *element {
	n := s.index.Find(key)
	if n != set.None {
		if s.elems == nil {
			return &present
		}
		if e := &s.elems[n]; e.expires == 0 || e.expires > now {
			return e
		}
	}
	if s.catchAll != nil && (s.catchAll.expires == 0 || s.catchAll.expires > now) {
		return s.catchAll
	}
	return nil
}

// match finds the element of the key in a register and runs its stateful
// expressions, whose refusal is the element's.
func (m *Machine) match(in *instr) (*element, bool) {
	s := in.ref.(*Set)
	e := s.find(m.regs[in.src:int(in.src)+int(in.n)], m.now)
	if e == nil {
		return nil, false
	}
	return e, m.evalStates(e.states)
}

func (m *Machine) evalStates(states []State) bool {
	for i := range states {
		if !states[i].eval(m) {
			return false
		}
	}
	return true
}

// lookup is membership. The inverse of a found element breaks; the expressions
// of elements run only where the match counts.
func (m *Machine) lookup(in *instr) bool {
	if in.invert {
		s := in.ref.(*Set)
		return s.find(m.regs[in.src:int(in.src)+int(in.n)], m.now) == nil
	}
	_, ok := m.match(in)
	return ok
}

// mapValue puts an element's data into a register, or gives its verdict, which
// is Continue for data.
func (m *Machine) mapValue(in *instr) (nf.Verdict, bool) {
	e, ok := m.match(in)
	if !ok {
		return nf.Break, false
	}
	if in.invert { // the destination is the verdict register
		m.target = e.target
		return e.verdict, true
	}
	m.store(in.dst, e.data)
	return nf.Continue, true
}

func (m *Machine) objectMap(in *instr) nf.Verdict {
	if e, ok := m.match(in); ok && e.object != nil {
		return m.object(e.object)
	}
	return nf.Break
}
