package vm

import (
	"bytes"
	"fmt"

	"nfvm/bytecode"
	"nfvm/vm/set"
)

// defaultSetSize is the size that a set without one gets from the first rule
// that changes it.
const defaultSetSize = 65535

// loadSet builds a set from its declaration; jump targets and objects are bound
// by the loader.
func (l *loader) loadSet(d *bytecode.Set) (*Set, error) {
	s := &Set{decl: d, timeout: int64(d.Timeout) * 1e6, size: d.Size}
	if l.changing[d] && d.Size == 0 {
		s.size = defaultSetSize
	}
	for _, e := range d.Exprs {
		s.confs = append(s.confs, newConf(e))
	}
	s.room = room{size: int(s.size), used: len(d.Elements), born: l.now, interval: gcInterval}
	if d.GCInterval != 0 {
		s.room.interval = int64(d.GCInterval) * 1e6
	}
	keys := l.newElements(s)
	switch {
	case d.Flags&bytecode.SetInterval == 0:
		l.loadHash(s, keys)
	case len(d.FieldLens) > 1 || d.Flags&bytecode.SetConcat != 0:
		s.index = set.NewRanges(fieldLens(d), keys.ranges())
	default:
		x, err := set.NewIntervals(int(d.KeyLen), keys.bounds())
		if err != nil {
			return nil, &bytecode.VerifyError{Pos: d.Pos, Table: l.tableName(), Msg: fmt.Sprintf("set %s: %v", d.Name, err)}
		}
		s.index = x
	}
	return s, nil
}

func fieldLens(d *bytecode.Set) []uint32 {
	if len(d.FieldLens) > 0 {
		return d.FieldLens
	}
	return []uint32{d.KeyLen}
}

// keyed are declared elements with the numbers they got.
type keyed struct {
	decl []*bytecode.Element
	n    []int32
}

// newElements gives every declared element but interval ends and the catch-all
// one a number, and its content if the set's elements have any.
func (l *loader) newElements(s *Set) keyed {
	d := s.decl
	var k keyed
	const content = bytecode.SetMap | bytecode.SetObject | bytecode.SetTimeout | bytecode.SetEval
	carries := d.Flags&content != 0 || len(d.Exprs) > 0 || l.changing[d]
	for i := range d.Elements {
		carries = carries || len(d.Elements[i].Exprs) > 0
	}
	if carries {
		s.elems = make([]element, 0, len(d.Elements))
	}
	n := int32(0)
	for i := range d.Elements {
		e := &d.Elements[i]
		switch {
		case e.CatchAll:
			c := l.newElement(s, e)
			s.catchAll = &c
			continue
		case e.IntervalEnd:
			k.decl, k.n = append(k.decl, e), append(k.n, set.None)
			continue
		case carries:
			s.elems = append(s.elems, l.newElement(s, e))
		}
		k.decl, k.n = append(k.decl, e), append(k.n, n)
		n++
	}
	return k
}

func (l *loader) newElement(s *Set, d *bytecode.Element) element {
	e := element{decl: d, data: d.Data, verdict: d.Verdict}
	if d.Chain != "" {
		e.target = l.chains[d.Chain]
	}
	if s.decl.Flags&bytecode.SetObject != 0 {
		e.object = l.objects[objectKey{s.decl.ObjectType, d.Object}]
	}
	e.timeout = s.timeout
	if d.HasTimeout || d.Timeout != 0 {
		e.timeout = int64(d.Timeout) * 1e6
	}
	switch {
	case d.Expires != 0:
		e.expires = l.now + int64(d.Expires)*1e6
	case e.timeout != 0:
		e.expires = l.now + e.timeout
	}
	e.states = l.newStates(s, d.Exprs)
	return e
}

// newStates makes an element's stateful expressions: its own, which carry the
// values they start from, else the set's.
func (l *loader) newStates(s *Set, own []bytecode.Expr) []State {
	var states []State
	for _, e := range own {
		states = append(states, newConf(e).start(l.now))
	}
	if own == nil {
		for _, c := range s.confs {
			states = append(states, c.start(l.now))
		}
	}
	for i := range states {
		s.counts = s.counts || states[i].conf.kind == stateConnlimit
	}
	return states
}

func (l *loader) loadHash(s *Set, k keyed) {
	h := set.NewHash(int(s.decl.KeyLen), len(k.decl))
	s.index, s.hash = h, h
	for i, e := range k.decl {
		n, _ := h.Add(e.Key) // a repeated key keeps its number
		if s.elems != nil {
			s.elems[n] = s.elems[k.n[i]]
		}
	}
	if s.elems != nil {
		s.elems = s.elems[:h.Len()]
	}
}

// bounds are the elements of a single-field interval set as the kernel's tree
// holds them.
func (k keyed) bounds() []set.Bound {
	var b []set.Bound
	for i, e := range k.decl {
		b = append(b, set.Bound{Key: e.Key, End: e.IntervalEnd, N: k.n[i]})
		if e.KeyEnd == nil || e.IntervalEnd {
			continue
		}
		if after := nextKey(e.KeyEnd); after != nil {
			b = append(b, set.Bound{Key: after, End: true})
		}
	}
	return b
}

// nextKey is the key after k, nil after the highest.
func nextKey(k []byte) []byte {
	n := bytes.Clone(k)
	for i := len(n) - 1; i >= 0; i-- {
		if n[i]++; n[i] != 0 {
			return n
		}
	}
	return nil
}

func (k keyed) ranges() []set.Range {
	var r []set.Range
	for i, e := range k.decl {
		to := e.KeyEnd
		if to == nil {
			to = e.Key
		}
		r = append(r, set.Range{From: e.Key, To: to, N: k.n[i]})
	}
	return r
}
