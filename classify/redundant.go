package classify

import "nfvm/bytecode"

// Implied gives the tests of a rule that pass whenever they are reached: those
// that others before them imply.
func Implied(t *bytecode.Table, r *bytecode.Rule) (tests []int) {
	p := &proof{facts: newFacts(t)}
	for i, e := range r.Exprs[:min(len(r.Exprs), maxExprs)] {
		if reg, n, ok := tested(t, e); ok {
			if _, isLookup := e.(*bytecode.Lookup); !isLookup && p.implied(e, p.span(reg, n)) {
				tests = append(tests, i)
			}
		}
		p.step(e, false)
	}
	return tests
}

// Held gives the loads of a rule whose register holds the value already.
func Held(t *bytecode.Table, r *bytecode.Rule) (loads []int) {
	p := &proof{facts: newFacts(t)}
	for i, e := range r.Exprs[:min(len(r.Exprs), maxExprs)] {
		if l, reg, ok := loadOf(t, e); ok && p.succeeds(l) && p.holds(l, reg) {
			loads = append(loads, i)
		}
		p.step(e, false)
	}
	return loads
}

// Repeats reports whether a rule reads something twice; Implied and Held find
// nothing in others. It is cheap, and true for few rules.
func Repeats(t *bytecode.Table, r *bytecode.Rule) bool {
	var seen [8]load
	n := 0
	for _, e := range r.Exprs {
		l, _, ok := loadOf(t, e)
		if !ok {
			continue
		}
		for _, s := range seen[:n] {
			if s.kind == l.kind && s.base == l.base && s.dir == l.dir && s.more == l.more && s.off < l.off+l.n && l.off < s.off+s.n {
				return true
			}
		}
		if n < len(seen) {
			seen[n] = l
			n++
		}
	}
	return false
}
