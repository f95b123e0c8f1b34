package classify

import "nfvm/bytecode"

// Profile calls f for each payload, meta or ct load of a rule whose value an
// index could use: of which a test asks for some bits, before the rule has an
// effect.
func (x *Reader) Profile(r *bytecode.Rule, f func(bytecode.Expr)) {
	x.selectors = nil
	x.reset(x.table)
	var exprs [maxLoads]bytecode.Expr
	var used uint64
	for _, e := range r.Exprs[:min(len(r.Exprs), maxExprs)] {
		if l, reg, ok := loadOf(x.table, e); ok {
			if n := x.load(l, reg); n >= 0 && l.kind <= loadCT {
				exprs[n] = e
			}
			continue
		}
		if x.asks(e) {
			reg, n, _ := tested(x.table, e)
			for _, c := range x.span(reg, n) {
				if c.load >= 0 && c.mask != 0 {
					used |= 1 << c.load
				}
			}
		}
		if !x.follow(e) {
			break
		}
	}
	for n := range x.loads {
		if used>>n&1 != 0 && exprs[n] != nil {
			f(exprs[n])
		}
	}
}

// asks reports whether a test becomes patterns.
func (x *reader) asks(e bytecode.Expr) bool {
	switch e := e.(type) {
	case *bytecode.Cmp:
		if e.Op != bytecode.CmpNeq {
			return true
		}
		cells := x.span(e.SReg, uint32(len(e.Data)))
		_, ok := differing(e.Data, cells)
		return ok
	case *bytecode.Range:
		return e.Op == bytecode.CmpEq
	case *bytecode.Lookup:
		s := x.table.SetByID(e.SetID)
		return s != nil && !e.Invert && Constant(s)
	}
	return false
}

// Cost estimates what a packet pays that matches some rule of the index: loads,
// look-ups, and the rules that it has to look at.
func (x *Index) Cost() int {
	cost := len(x.Selectors) + len(x.tuples) + len(x.always)
	lists, rules := 0, 0
	for i := range x.tuples {
		for _, l := range x.tuples[i].lists {
			lists, rules = lists+len(l), rules+len(l)*len(l)
		}
	}
	if lists > 0 {
		cost += rules / lists
	}
	return cost
}
