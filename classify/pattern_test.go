package classify

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"testing"

	"nfvm/bytecode"
)

func (p pattern) fits(v []byte) bool {
	for i := range v {
		if (v[i]^p.val[i])&p.mask[i] != 0 {
			return false
		}
	}
	return true
}

func anyFits(list []pattern, v []byte) bool {
	for _, p := range list {
		if p.fits(v) {
			return true
		}
	}
	return false
}

// Two prefixes hold every value of a range, and at most four times as many as
// the larger half of it.
func TestCover(t *testing.T) {
	for from := range 256 {
		for to := range 256 {
			list := cover([]byte{byte(from)}, []byte{byte(to)})
			held := 0
			for v := range 256 {
				fits := anyFits(list, []byte{byte(v)})
				if fits {
					held++
				}
				if v >= from && v <= to && !fits {
					t.Fatalf("%d-%d leaves %d out", from, to, v)
				}
			}
			if from <= to && held > 4*(to-from+1) {
				t.Errorf("%d-%d holds %d values", from, to, held)
			}
		}
	}
	p := cover([]byte{10, 0, 0, 0}, []byte{10, 255, 255, 255})
	if len(p) != 1 || !bytes.Equal(p[0].mask, []byte{255, 0, 0, 0}) {
		t.Errorf("10.0.0.0/8 is %v", p)
	}
}

// A comparison's patterns hold every value that passes it.
func TestComparison(t *testing.T) {
	for op := bytecode.CmpEq; op <= bytecode.CmpGte; op++ {
		for want := range 256 {
			for _, mask := range []byte{0xff, 0x0f, 0x12, 0x02} {
				c := cell{mask: mask}
				list, ok := comparison(&bytecode.Cmp{Op: op, Data: []byte{byte(want)}}, []cell{c})
				for v := range 256 {
					have := byte(v) & mask
					if ok && passes(op, have, byte(want)) && !anyFits(list, []byte{have}) {
						t.Fatalf("%d: %#x, mask %#x, is compared with %#x", op, v, mask, want)
					}
				}
				if few := bits.OnesCount8(mask) <= maxFlags && byte(want)&^mask == 0; op == bytecode.CmpNeq && ok != few {
					t.Errorf("mask %#x differs from %#x: patterns %v", mask, want, ok)
				}
			}
		}
	}
}

func passes(op bytecode.CmpOp, a, b byte) bool {
	return [...]bool{a == b, a != b, a < b, a <= b, a > b, a >= b}[op]
}

// An element's key is in the patterns of its set, whatever kind of set it is.
func TestMembers(t *testing.T) {
	interval := &bytecode.Set{KeyLen: 2, Flags: bytecode.SetInterval, Elements: []bytecode.Element{
		{Key: []byte{0, 80}}, {Key: []byte{0, 90}, IntervalEnd: true}, {Key: []byte{0, 0}, IntervalEnd: true}, {Key: []byte{1, 0}}, {Key: []byte{1, 5}, IntervalEnd: true}}}
	open := &bytecode.Set{KeyLen: 2, Flags: bytecode.SetInterval, Elements: []bytecode.Element{{Key: []byte{0x80, 0}}}}
	concat := &bytecode.Set{KeyLen: 8, FieldLens: []uint32{4, 2}, Flags: bytecode.SetInterval | bytecode.SetConcat, Elements: []bytecode.Element{
		{Key: []byte{10, 0, 0, 1, 0, 5, 0, 0}, KeyEnd: []byte{10, 0, 0, 9, 0, 9, 0, 0}}, {Key: []byte{10, 0, 1, 1, 0, 5, 0, 0}}}}
	exact := &bytecode.Set{KeyLen: 8, FieldLens: []uint32{4, 2}, Elements: []bytecode.Element{{Key: []byte{10, 0, 0, 1, 0, 5, 0, 0}}}}
	for _, c := range []struct {
		s    *bytecode.Set
		key  []byte
		want bool
	}{
		{interval, []byte{0, 80}, true}, {interval, []byte{0, 89}, true}, {interval, []byte{0, 70}, false}, {interval, []byte{0, 100}, false},
		{interval, []byte{1, 3}, true}, {interval, []byte{1, 5}, false}, {open, []byte{255, 255}, true}, {open, []byte{127, 255}, false},
		{concat, []byte{10, 0, 0, 4, 0, 7, 0, 0}, true}, {concat, []byte{10, 0, 1, 1, 0, 5, 9, 9}, true}, {concat, []byte{10, 0, 1, 1, 0, 6, 0, 0}, false},
		{exact, []byte{10, 0, 0, 1, 0, 5, 0, 0}, true}, {exact, []byte{10, 0, 0, 1, 0, 6, 0, 0}, false},
	} {
		list, ok := members(c.s)
		if !ok || anyFits(list, c.key) != c.want {
			t.Errorf("%v in %v: %v, want %v", c.key, c.s.Elements, !c.want, c.want)
		}
	}
	exact.Elements = append(exact.Elements, bytecode.Element{CatchAll: true})
	if _, ok := members(exact); ok {
		t.Error("a set with an element for all others has patterns")
	}
}

// The hits of an index are all rules that a key fits, in order, however coarse
// its masks became.
func TestIndex(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		table := &bytecode.Table{Name: "t"}
		var rules []*bytecode.Rule
		for range 20 + rng.IntN(300) {
			value, mask := []byte{byte(rng.IntN(16)), byte(rng.IntN(256))}, []byte{byte(rng.IntN(256)), byte(rng.IntN(256)) | 0x0f}
			xor := []byte{byte(rng.IntN(256)), byte(rng.IntN(256))}
			for i := range value {
				value[i] = value[i]&mask[i] ^ xor[i]
			}
			rules = append(rules, &bytecode.Rule{Exprs: []bytecode.Expr{&bytecode.Payload{Base: bytecode.PayloadTransport, Offset: 2, Len: 2, DReg: 1},
				&bytecode.Bitwise{SReg: 1, DReg: 1, Len: 2, Mask: mask, Xor: xor}, &bytecode.Cmp{SReg: 1, Data: value}, &bytecode.Counter{}}})
		}
		table.Chains = []*bytecode.Chain{{Rules: rules}}
		index := NewReader(table).Index(rules, []bytecode.Expr{rules[0].Exprs[0]})
		for range 200 {
			key, from := Key{presence: byte(rng.IntN(16)), presence + 1: byte(rng.IntN(256))}, rng.IntN(len(rules))
			key.Present(&index.Selectors[0])
			var hits Hits
			index.Find(&key, from, &hits)
			n := hits.Next(from, len(rules))
			for i := from; i < len(rules); i++ {
				b, value := rules[i].Exprs[1].(*bytecode.Bitwise), rules[i].Exprs[2].(*bytecode.Cmp).Data
				fits := true
				for j := range value {
					fits = fits && key[presence+j]&b.Mask[j]^b.Xor[j] == value[j]
				}
				if fits && n != i {
					t.Fatalf("rule %d of %d fits, the next hit is %d", i, len(rules), n)
				}
				if n == i {
					n = hits.Next(i+1, len(rules))
				}
			}
		}
		key := Key{}
		key.Absent(&index.Selectors[0])
		var hits Hits
		if index.Find(&key, 0, &hits); len(index.always) == 0 && hits.Next(0, len(rules)) != len(rules) {
			t.Error("rules match a packet without what they load")
		}
	}
}

// Many rules that look the same large set up make no more patterns than the
// table's size allows.
func TestIndexIsBounded(t *testing.T) {
	s := &bytecode.Set{Name: "s", KeyLen: 4, Flags: bytecode.SetAnonymous | bytecode.SetConstant}
	for i := range 3000 {
		s.Elements = append(s.Elements, bytecode.Element{Key: []byte{10, 0, byte(i >> 8), byte(i)}})
	}
	c := &bytecode.Chain{}
	for range 3000 {
		c.Rules = append(c.Rules, &bytecode.Rule{Exprs: []bytecode.Expr{load4(12, 1), &bytecode.Lookup{Set: "s", SReg: 1}}})
	}
	table := &bytecode.Table{Sets: []*bytecode.Set{s}, Chains: []*bytecode.Chain{c}}
	reader := NewReader(table)
	reader.selectors, _ = Selectors(table, []bytecode.Expr{load4(12, 1)})
	patterns, always := 0, 0
	for _, r := range c.Rules {
		list := reader.read(r)
		if patterns += len(list); len(list) == 1 {
			always++
		}
	}
	if patterns > 20*(3000+3000) || always < 2900 || always == 3000 {
		t.Errorf("%d patterns, %d rules that are always looked at", patterns, always)
	}
}
