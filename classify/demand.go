package classify

import "nfvm/bytecode"

// maxExprs bounds how far a rule is read; the kernel takes no more expressions.
const maxExprs = 128

// maxPatterns is the number of patterns of one rule up to which tests that
// allow several are multiplied with each other.
const maxPatterns = 64

// A reader reads rules for an index: what a key must look like for the rule to
// match.
type reader struct {
	registers
	selectors []Selector
	room      int                    // patterns that may still be made: the work of an index is bounded
	traces    map[*bytecode.Set]bool // constant sets that are Stateful

	base  ternary   // holds for every alternative
	alts  []ternary // nil: base alone
	never bool      // the rule can't match
}

// read gives the patterns of a rule: none if it can't match. A key that fits no
// pattern belongs to a packet which the rule does not match, and on which it
// leaves no trace.
func (x *reader) read(r *bytecode.Rule) []ternary {
	x.reset(x.table)
	x.base, x.alts, x.never = ternary{}, nil, false
	for _, e := range r.Exprs[:min(len(r.Exprs), maxExprs)] {
		if x.never || !x.step(e) {
			break
		}
	}
	if x.never {
		return nil
	}
	out := x.alts[:0]
	for i := range x.alts {
		if p := x.alts[i]; p.and(&x.base) {
			out = append(out, p)
		}
	}
	if x.alts == nil {
		out = append(out, x.base)
	}
	return out
}

// step follows one expression and reports whether the rule may be read on: not
// beyond what may have an effect.
func (x *reader) step(e bytecode.Expr) bool {
	if l, reg, ok := loadOf(x.table, e); ok {
		if l.whole != 0 && !x.watches(l.whole) {
			return false // it may drop the packet, and no selector would show that
		}
		x.load(l, reg)
		for i := range x.selectors {
			if s := &x.selectors[i]; l.covers(s.load) {
				x.base.set(s.Bit/8, 1<<(s.Bit%8), 0xff)
			}
		}
		return true
	}
	if reg, n, ok := tested(x.table, e); ok {
		if cells := x.span(reg, n); cells != nil {
			x.test(e, cells)
		}
	}
	return x.follow(e)
}

// follow goes on behind a computation or a test; false where the rule may have
// an effect.
func (x *reader) follow(e bytecode.Expr) bool {
	if x.compute(e) {
		return true
	}
	if _, _, ok := tested(x.table, e); !ok {
		return false
	}
	l, isLookup := e.(*bytecode.Lookup)
	if !isLookup {
		return true
	}
	s := x.table.SetByID(l.SetID)
	if !l.Invert && x.leavesTrace(s) || l.HasDReg && l.DReg == bytecode.RegVerdict {
		return false
	}
	if l.HasDReg {
		x.forget(l.DReg, s.DataLen)
	}
	return true
}

// tested gives the register that a test reads; a lookup in a map tests, too.
func tested(t *bytecode.Table, e bytecode.Expr) (bytecode.Reg, uint32, bool) {
	switch e := e.(type) {
	case *bytecode.Cmp:
		return e.SReg, uint32(len(e.Data)), true
	case *bytecode.Range:
		return e.SReg, uint32(len(e.From)), len(e.From) == len(e.To)
	case *bytecode.Lookup:
		if s := t.SetByID(e.SetID); s != nil {
			return e.SReg, s.KeyLen, true
		}
	}
	return 0, 0, false
}

// leavesTrace reports whether finding a key in a set may have an effect.
func (x *reader) leavesTrace(s *bytecode.Set) bool {
	if !Constant(s) {
		return true
	}
	known, seen := x.traces[s]
	if !seen {
		known = Stateful(s)
		x.traces[s] = known
	}
	return known
}

// watches reports whether a selector fails as loads of a whole header do.
func (x *reader) watches(whole uint8) bool {
	for i := range x.selectors {
		if x.selectors[i].load.whole == whole {
			return true
		}
	}
	return false
}

// test adds what a test asks for.
func (x *reader) test(e bytecode.Expr, cells []cell) {
	list, ok := patterns(x.table, e, cells, x.room)
	if l, lookup := e.(*bytecode.Lookup); lookup {
		x.room -= min(x.room, x.table.SetByID(l.SetID).Len())
	}
	if !ok {
		return
	}
	var alts []ternary
	for i := range list {
		p, possible := x.project(cells, &list[i])
		if !possible {
			continue
		}
		if p == (ternary{}) {
			return // one alternative asks nothing of the key, so the test does not
		}
		alts = append(alts, p)
	}
	x.restrict(alts)
}

// project puts a demand on register bytes as one on the key. It is impossible
// if a byte can't be what is asked.
func (x *reader) project(cells []cell, d *pattern) (p ternary, possible bool) {
	for i, c := range cells {
		if d.mask[i] == 0 || c.load == isUnknown {
			continue
		}
		m := c.mask & d.mask[i]
		if c.load == isConst {
			m = 0
		}
		want := (d.val[i] ^ c.xor) & d.mask[i]
		if want&^m != 0 {
			return p, false
		}
		if m == 0 {
			continue
		}
		if at := x.place(&x.loads[c.load], c.at); at >= 0 && !p.set(at, m, want) {
			return p, false
		}
	}
	return p, true
}

// place is where a byte of a load is in the key, -1 if it is not there.
func (x *reader) place(l *load, at uint8) int {
	for i := range x.selectors {
		s := &x.selectors[i]
		if !l.covers(s.load) {
			continue
		}
		if n := int(at) + int(l.off) - int(s.load.off); n >= 0 && n < s.Len {
			return s.At + n
		}
	}
	return -1
}

// restrict demands one of some patterns, unless that would be too many.
func (x *reader) restrict(alts []ternary) {
	switch {
	case len(alts) == 0:
		x.never = true
	case len(alts) == 1:
		x.never = !x.base.and(&alts[0])
	case x.alts == nil:
		x.alts = alts
	case len(alts)*len(x.alts) <= min(maxPatterns, x.room):
		x.alts = product(x.alts, alts)
		x.room -= min(x.room, len(x.alts))
		x.never = len(x.alts) == 0
	}
}

func product(a, b []ternary) (out []ternary) {
	for i := range a {
		for j := range b {
			if p := a[i]; p.and(&b[j]) {
				out = append(out, p)
			}
		}
	}
	return out
}
