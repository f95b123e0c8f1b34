package classify

import (
	"fmt"

	"nfvm/bytecode"
)

// A proof goes through a rule and checks what it skips. stale are register
// bytes that do not hold what they would if nothing were skipped.
type proof struct {
	*facts
	stale [bytecode.RegBytes]bool
}

// Check proves that the expressions which a rule of a table skips would pass
// and leave nothing behind that is used. The error says which one may not be
// skipped. The rule must be verified.
func Check(t *bytecode.Table, r *bytecode.Rule) error {
	if len(r.Skip) == 0 {
		return nil
	}
	p := &proof{facts: newFacts(t)}
	skip := r.Skip
	for i, e := range r.Exprs {
		skipped := len(skip) > 0 && int(skip[0]) == i
		if skipped {
			skip = skip[1:]
		}
		if i >= maxExprs || !p.step(e, skipped) {
			return fmt.Errorf("expression %d, %s, depends on one that is skipped, or can't be skipped", i+1, e.Name())
		}
	}
	return nil
}

// step follows an expression, and reports whether it may be skipped, if it is,
// or else that it does not use what was skipped.
func (p *proof) step(e bytecode.Expr, skipped bool) bool {
	if l, reg, ok := loadOf(p.table, e); ok {
		return p.stepLoad(l, reg, skipped)
	}
	reads, writes := bytecode.Registers(p.table, e)
	if !skipped && p.anyStale(reads) {
		return false
	}
	reg, n, isTest := tested(p.table, e)
	switch {
	case isTest:
		cells := p.span(reg, n)
		_, isLookup := e.(*bytecode.Lookup)
		if skipped {
			return !isLookup && p.implied(e, cells)
		}
		p.passed(e, cells)
		for _, w := range writes {
			p.forget(w.Reg, w.Len)
		}
	case p.compute(e):
		if _, bitwise := e.(*bytecode.Bitwise); skipped && !bitwise {
			return false
		}
	default:
		if skipped {
			return false
		}
		p.restart() // it may change the packet
	}
	for _, w := range writes {
		p.mark(w.Reg, w.Len, skipped)
	}
	return true
}

func (p *proof) stepLoad(l load, reg bytecode.Reg, skipped bool) bool {
	if skipped && !p.succeeds(l) {
		return false
	}
	holds := skipped && p.holds(l, reg)
	if p.load(l, reg) == isUnknown && skipped {
		return false
	}
	p.mark(reg, l.n, skipped && !holds)
	return true
}

// holds reports whether a register already has what a load would put there.
func (p *proof) holds(l load, reg bytecode.Reg) bool {
	at, _ := reg.Offset()
	for i := 0; i < int(l.n+3)&^3; i++ {
		c := p.cells[at+i]
		switch {
		case p.stale[at+i]:
			return false
		case i >= int(l.n):
			if c != zero {
				return false
			}
		case c.load < 0 || c.mask != 0xff || c.xor != 0 || p.loads[c.load].origin(c.at) != l.origin(uint8(i)):
			return false
		}
	}
	return true
}

// mark notes whether a register, to the end of its last word, is stale.
func (p *proof) mark(reg bytecode.Reg, n uint32, stale bool) {
	at, data := reg.Offset()
	if !data {
		return // the verdict's
	}
	for i := at; i < min(at+int(n+3)&^3, len(p.stale)); i++ {
		p.stale[i] = stale
	}
}

func (p *proof) anyStale(uses []bytecode.RegUse) bool {
	for _, u := range uses {
		at, _ := u.Reg.Offset()
		for i := at; i < min(at+int(u.Len), len(p.stale)); i++ {
			if p.stale[i] {
				return true
			}
		}
	}
	return false
}
