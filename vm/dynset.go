package vm

import (
	"bytes"

	"nfvm/bytecode"
	"nfvm/vm/set"
)

// A dynset is a dynset expression bound to its set.
type dynset struct {
	set     *Set
	op      bytecode.DynsetOp
	src     uint8
	data    int // offset of the data register, -1 none
	timeout int64
	invert  bool
	confs   []*stateConf // of new elements
}

// dynset adds, refreshes or deletes the element of the key in a register, and
// runs its stateful expressions, whose refusal breaks the rule. So does a full
// set.
func (m *Machine) dynset(o *dynset) bool {
	s := o.set
	key := m.regs[o.src : int(o.src)+int(s.decl.KeyLen)]
	if m.Beside != nil && (o.op != bytecode.DynsetAdd || s.live(key, m.now) == nil) {
		m.alone()
	}
	if o.op == bytecode.DynsetDelete {
		s.remove(key)
		return true
	}
	e := s.live(key, m.now)
	if e == nil {
		if e = m.insert(o, key); e == nil {
			return o.invert
		}
	} else if o.op == bytecode.DynsetUpdate && e.timeout != 0 {
		e.expires = m.now + s.lifetime(o)
	}
	if !m.evalStates(e.states) {
		return false
	}
	return !o.invert
}

// lifetime is what an expression gives an element from now on. An update never
// goes by the element's own timeout: without any other it ends at once.
func (s *Set) lifetime(o *dynset) int64 {
	if o.timeout != 0 {
		return o.timeout
	}
	return s.timeout
}

// live gives the element with exactly this key, if its time is not over.
func (s *Set) live(key []byte, now int64) *element {
	n := s.hash.Find(key)
	if n == set.None {
		return nil
	}
	e := &s.elems[n]
	if e.expires != 0 && e.expires <= now {
		s.room.expire(e.expires, now)
		s.remove(key)
		return nil
	}
	return e
}

func (s *Set) remove(key []byte) {
	n := s.hash.Remove(key)
	if n != set.None {
		s.elems[n] = element{dead: true}
	}
}

// insert adds an element, nil when the set is full.
func (m *Machine) insert(o *dynset, key []byte) *element {
	s := o.set
	if !s.take(m.now) {
		return nil
	}
	n, _ := s.hash.Add(key)
	if int(n) == len(s.elems) {
		s.elems = append(s.elems, element{})
	}
	e := &s.elems[n]
	*e = element{timeout: s.lifetime(o)}
	if e.timeout != 0 {
		e.expires = m.now + e.timeout
	}
	if o.data >= 0 {
		e.data = bytes.Clone(m.regs[o.data : o.data+int(s.decl.DataLen)])
	}
	for _, c := range o.confs {
		if c.kind == stateConnlimit && !s.counts {
			s.counts, s.idled = true, m.now
		}
		e.states = append(e.states, c.start(m.now))
	}
	return e
}
