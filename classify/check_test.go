package classify

import (
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
)

func load4(off uint32, reg bytecode.Reg) bytecode.Expr {
	return &bytecode.Payload{Base: bytecode.PayloadNetwork, Offset: off, Len: 4, DReg: reg}
}

func equal(reg bytecode.Reg, data ...byte) bytecode.Expr {
	return &bytecode.Cmp{SReg: reg, Data: data}
}

// What may be skipped, and what may not.
func TestCheck(t *testing.T) {
	saddr, a := load4(12, 1), []byte{10, 0, 0, 1}
	mask := &bytecode.Bitwise{SReg: 1, DReg: 1, Len: 4, Mask: []byte{255, 0, 0, 0}, Xor: make([]byte, 4)}
	store := &bytecode.PayloadSet{Base: bytecode.PayloadNetwork, Offset: 12, Len: 4, SReg: 1}
	random := &bytecode.Meta{Key: bytecode.MetaPRandom, DReg: 1}
	fragment := func(off, n uint32) bytecode.Expr {
		return &bytecode.Payload{Base: bytecode.PayloadTransport, Offset: off, Len: n, DReg: 1}
	}
	for name, c := range map[string]struct {
		exprs []bytecode.Expr
		skip  []uint32
		ok    bool
	}{
		"the same test":               {[]bytecode.Expr{saddr, equal(1, a...), saddr, equal(1, a...)}, []uint32{2, 3}, true},
		"the first test":              {[]bytecode.Expr{saddr, equal(1, a...), saddr, equal(1, a...)}, []uint32{1}, false},
		"another value":               {[]bytecode.Expr{saddr, equal(1, a...), saddr, equal(1, 10, 0, 0, 2)}, []uint32{3}, false},
		"a prefix":                    {[]bytecode.Expr{saddr, equal(1, a...), saddr, mask, equal(1, 10, 0, 0, 0)}, []uint32{2, 3, 4}, true},
		"the prefix first":            {[]bytecode.Expr{saddr, mask, equal(1, 10, 0, 0, 0), saddr, equal(1, a...)}, []uint32{4}, false},
		"behind a write":              {[]bytecode.Expr{saddr, equal(1, a...), store, saddr, equal(1, a...)}, []uint32{4}, false},
		"held":                        {[]bytecode.Expr{saddr, equal(1, a...), saddr, &bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 1}}, []uint32{2}, true},
		"held no more":                {[]bytecode.Expr{saddr, load4(16, 1), saddr, &bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 1}}, []uint32{2}, false},
		"masked by now":               {[]bytecode.Expr{saddr, mask, saddr, &bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 1}}, []uint32{2}, false},
		"used by a statement":         {[]bytecode.Expr{saddr, equal(1, a...), load4(12, 2), equal(2, a...), &bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 2}}, []uint32{2, 3}, false},
		"random":                      {[]bytecode.Expr{random, equal(1, a...), random, equal(1, a...)}, []uint32{2, 3}, false},
		"a counter":                   {[]bytecode.Expr{&bytecode.Counter{}}, []uint32{0}, false},
		"a verdict":                   {[]bytecode.Expr{&bytecode.Immediate{Verdict: nf.Drop}}, []uint32{0}, false},
		"longer":                      {[]bytecode.Expr{fragment(0, 2), equal(1, 0, 1), fragment(0, 4), equal(1, 0, 1, 0, 2)}, []uint32{2}, false},
		"blind to fragments":          {[]bytecode.Expr{fragment(0, 4), equal(1, 0, 1, 0, 2), fragment(1, 3), equal(1, 1, 0, 2)}, []uint32{2, 3}, false},
		"not blind to fragments":      {[]bytecode.Expr{fragment(1, 3), equal(1, 1, 0, 2), fragment(2, 2), equal(1, 0, 2)}, []uint32{2, 3}, true},
		"a range":                     {[]bytecode.Expr{saddr, equal(1, a...), saddr, &bytecode.Range{SReg: 1, From: []byte{10, 0, 0, 0}, To: []byte{10, 0, 0, 1}}}, []uint32{2, 3}, true},
		"a range that ends before it": {[]bytecode.Expr{saddr, equal(1, a...), saddr, &bytecode.Range{SReg: 1, From: []byte{10, 0, 0, 0}, To: []byte{10, 0, 0, 0}}}, []uint32{2, 3}, false},
		"unequal":                     {[]bytecode.Expr{saddr, equal(1, a...), saddr, &bytecode.Cmp{Op: bytecode.CmpNeq, SReg: 1, Data: []byte{10, 0, 0, 9}}}, []uint32{2, 3}, true},
	} {
		table := &bytecode.Table{Family: nf.FamilyIPv4}
		if err := Check(table, &bytecode.Rule{Exprs: c.exprs, Skip: c.skip}); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
