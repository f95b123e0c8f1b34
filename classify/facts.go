package classify

import (
	"bytes"

	"nfvm/bytecode"
)

// known are the bits of a byte that are known, and what they are.
type known struct{ mask, val byte }

// facts are what the tests of a rule so far have shown, as long as nothing
// changed the packet.
type facts struct {
	registers
	bits map[origin]known
}

func newFacts(t *bytecode.Table) *facts {
	f := &facts{}
	f.table = t
	f.restart()
	return f
}

// restart forgets everything.
func (f *facts) restart() {
	f.bits = make(map[origin]known)
	f.registers.reset(f.table)
}

// of gives what is known of a register's byte.
func (f *facts) of(c cell) known {
	switch c.load {
	case isUnknown:
		return known{}
	case isConst:
		return known{0xff, c.xor}
	}
	k := f.bits[f.loads[c.load].origin(c.at)]
	return known{k.mask&c.mask | ^c.mask, k.val&c.mask ^ c.xor}
}

// learn notes that bits of a register's byte are those of val.
func (f *facts) learn(c cell, mask, val byte) {
	if mask &= c.mask; c.load < 0 || mask == 0 {
		return
	}
	o := f.loads[c.load].origin(c.at)
	k := f.bits[o]
	f.bits[o] = known{k.mask | mask, k.val&^mask | (val^c.xor)&mask}
}

// passed learns from a test that has passed.
func (f *facts) passed(e bytecode.Expr, cells []cell) {
	list, ok := patterns(f.table, e, cells, 1)
	if !ok || len(list) != 1 {
		return
	}
	for i, c := range cells {
		f.learn(c, list[0].mask[i], list[0].val[i])
	}
}

// implied reports whether a test passes whatever the bits that are not known.
func (f *facts) implied(e bytecode.Expr, cells []cell) bool {
	lo, hi := make([]byte, len(cells)), make([]byte, len(cells))
	for i, c := range cells {
		k := f.of(c)
		lo[i], hi[i] = k.val&k.mask, k.val|^k.mask
	}
	switch e := e.(type) {
	case *bytecode.Cmp:
		switch below, above := bytes.Compare(hi, e.Data), bytes.Compare(lo, e.Data); e.Op {
		case bytecode.CmpEq:
			return below == 0 && above == 0
		case bytecode.CmpNeq:
			return f.differs(e.Data, cells)
		case bytecode.CmpLt:
			return below < 0
		case bytecode.CmpLte:
			return below <= 0
		case bytecode.CmpGt:
			return above > 0
		case bytecode.CmpGte:
			return above >= 0
		}
	case *bytecode.Range:
		return e.Op == bytecode.CmpEq && bytes.Compare(lo, e.From) >= 0 && bytes.Compare(hi, e.To) <= 0
	}
	return false
}

// differs reports whether a known bit is not the one in data.
func (f *facts) differs(data []byte, cells []cell) bool {
	for i, c := range cells {
		if k := f.of(c); (k.val^data[i])&k.mask != 0 {
			return true
		}
	}
	return false
}

// succeeds reports whether a load can't fail, because it has not before.
func (f *facts) succeeds(l load) bool {
	for _, before := range f.loads {
		if before.covers(l) {
			return true
		}
	}
	return false
}
