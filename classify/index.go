package classify

import (
	"math/rand/v2"

	"nfvm/bytecode"
)

// MaxTuples is the number of masks under which an index looks a key up.
const MaxTuples = 32

// An Index finds the rules of a run that a packet may match.
type Index struct {
	Selectors []Selector
	tuples    []tuple
	seed      uint64
	always    []int32 // rules that ask nothing of the key
}

// A Reader makes the indexes of a table. The work of all of them together is
// bounded by the table's size.
type Reader struct{ reader }

// NewProfiler gives a reader for Profile only. Sets that the rules given to it do
// not name may change meanwhile.
func NewProfiler(t *bytecode.Table) *Reader {
	x := &Reader{reader{traces: make(map[*bytecode.Set]bool)}}
	x.table = t
	return x
}

// NewReader begins with a table.
func NewReader(t *bytecode.Table) *Reader {
	x := NewProfiler(t)
	const perRule, perElement = 16, 2
	x.room = maxPatterns
	for _, c := range t.Chains {
		x.room += perRule * len(c.Rules)
	}
	for _, s := range t.Sets {
		if Constant(s) {
			x.room += perElement * s.Len()
		}
	}
	return x
}

// An entry is a pattern of a rule: its values lie in the builder.
type entry struct{ mask, rule int32 }

// A builder collects the patterns of all rules, by their masks.
type builder struct {
	masks   []ternary
	numbers map[[keyWords]uint64]int32
	entries []entry
	vals    []uint64
	words   int // of the key in use
}

// Index makes the index of some rules over a key; nil where the key is none
// (see Selectors).
func (x *Reader) Index(rules []*bytecode.Rule, key []bytecode.Expr) *Index {
	selectors, ok := Selectors(x.table, key)
	if !ok {
		return nil
	}
	x.selectors = selectors
	last := selectors[len(selectors)-1]
	b := &builder{numbers: make(map[[keyWords]uint64]int32), words: (last.At + last.Len + wordBytes - 1) / wordBytes}
	for i, r := range rules {
		for _, p := range x.read(r) {
			b.add(int32(i), &p)
		}
	}
	b.coarsen(selectors, min(MaxTuples, 4+len(rules)/4))
	index := &Index{Selectors: selectors, seed: rand.Uint64() | 1}
	index.fill(b)
	return index
}

func (b *builder) add(rule int32, p *ternary) {
	n, known := b.numbers[p.mask]
	if !known {
		n = int32(len(b.masks))
		b.numbers[p.mask] = n
		b.masks = append(b.masks, ternary{mask: p.mask})
	}
	b.entries = append(b.entries, entry{n, rule})
	b.vals = append(b.vals, p.val[:b.words]...)
}

// fill makes the tables of the tuples.
func (x *Index) fill(b *builder) {
	counts := make([]int, len(b.masks))
	for _, e := range b.entries {
		counts[e.mask]++
	}
	number := make([]int, len(b.masks)) // of the mask's tuple
	for i, n := range counts {
		if n == 0 {
			continue
		}
		number[i] = len(x.tuples)
		if t := newTuple(&b.masks[i], n); len(t.words) > 0 {
			x.tuples = append(x.tuples, t)
		} else {
			number[i] = -1
		}
	}
	for i, e := range b.entries {
		if n := number[e.mask]; n >= 0 {
			x.tuples[n].add(x.seed, b.vals[i*b.words:], e.rule)
		} else {
			x.always = appendOnce(x.always, e.rule)
		}
	}
}

// appendOnce adds a rule to a list in ascending order.
func appendOnce(list []int32, rule int32) []int32 {
	if n := len(list); n > 0 && list[n-1] == rule {
		return list
	}
	return append(list, rule)
}
