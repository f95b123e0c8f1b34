package classify

import (
	"encoding/binary"
	"math/bits"
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

// A tuple holds all patterns with one mask: a hash table of what is left of
// their keys under it, and the rules of each.
type tuple struct {
	words []int    // of the key, that have bits in the mask
	mask  []uint64 // parallel to words
	slots []int32  // number of a pattern + 1, 0 free; the length is a power of two
	keys  []uint64 // of pattern n: len(words) from n*len(words)
	lists [][]int32
}

// A Reader makes the indexes of a table. The work of all of them together is
// bounded by the table's size.
type Reader struct{ reader }

// NewReader begins with a table.
func NewReader(t *bytecode.Table) *Reader {
	x := &Reader{reader{traces: make(map[*bytecode.Set]bool)}}
	x.table = t
	const perRule, perElement = 16, 2
	x.room = maxPatterns
	for _, c := range t.Chains {
		x.room += perRule * len(c.Rules)
	}
	for _, s := range t.Sets {
		if Constant(s) {
			x.room += perElement * len(s.Elements)
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

func newTuple(mask *ternary, patterns int) tuple {
	t := tuple{}
	for w, m := range mask.mask {
		if m != 0 {
			t.words, t.mask = append(t.words, w), append(t.mask, m)
		}
	}
	size := 4
	for size*2 < patterns*3 {
		size *= 2
	}
	t.slots = make([]int32, size)
	return t
}

// appendOnce adds a rule to a list in ascending order.
func appendOnce(list []int32, rule int32) []int32 {
	if n := len(list); n > 0 && list[n-1] == rule {
		return list
	}
	return append(list, rule)
}

// mix is one step of a hash over words.
func mix(h, w uint64) uint64 {
	hi, lo := bits.Mul64(h^w, 0x9e3779b97f4a7c15)
	return hi ^ lo
}

// add puts a rule under a pattern's values.
func (t *tuple) add(seed uint64, vals []uint64, rule int32) {
	h := seed
	for i, w := range t.words {
		h = mix(h, vals[w]&t.mask[i])
	}
	mask := uint64(len(t.slots) - 1)
	for s := h & mask; ; s = (s + 1) & mask {
		n := t.slots[s] - 1
		if n < 0 {
			t.slots[s] = int32(len(t.lists)) + 1
			for i, w := range t.words {
				t.keys = append(t.keys, vals[w]&t.mask[i])
			}
			t.lists = append(t.lists, []int32{rule})
			return
		}
		if t.holds(int(n), vals) {
			t.lists[n] = appendOnce(t.lists[n], rule)
			return
		}
	}
}

// holds reports whether pattern n is that of some words of a key.
func (t *tuple) holds(n int, key []uint64) bool {
	have := t.keys[n*len(t.words):]
	for i, w := range t.words {
		if have[i] != key[w]&t.mask[i] {
			return false
		}
	}
	return true
}

// find gives the rules under a key, nil for none.
func (t *tuple) find(seed uint64, key *[keyWords]uint64) []int32 {
	h := seed
	for i, w := range t.words {
		h = mix(h, key[w]&t.mask[i])
	}
	mask := uint64(len(t.slots) - 1)
	for s := h & mask; ; s = (s + 1) & mask {
		n := t.slots[s] - 1
		if n < 0 {
			return nil
		}
		if t.holds(int(n), key[:]) {
			return t.lists[n]
		}
	}
}

// Hits are the rules that a packet may match, in their order, while they are
// gone through.
type Hits struct {
	lists [MaxTuples + 1][]int32
	n     int
}

// Find begins with the rules from a number on that a key may match.
func (x *Index) Find(key *Key, from int, hits *Hits) {
	var words [keyWords]uint64
	for i := range words {
		words[i] = binary.LittleEndian.Uint64(key[i*wordBytes:])
	}
	hits.n = 0
	hits.take(x.always, int32(from))
	for i := range x.tuples {
		hits.take(x.tuples[i].find(x.seed, &words), int32(from))
	}
}

// take adds what a list holds from a rule on.
func (h *Hits) take(list []int32, from int32) {
	if len(list) == 0 || list[len(list)-1] < from {
		return
	}
	if list[0] < from {
		lo, hi := 0, len(list)
		for lo < hi {
			if mid := (lo + hi) / 2; list[mid] < from {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		list = list[lo:]
	}
	h.lists[h.n] = list
	h.n++
}

// Next gives the first rule from a number on, or none if there is no more.
// Numbers must not go down between calls.
func (h *Hits) Next(from, none int) int {
	best := int32(none)
	for i := 0; i < h.n; i++ {
		list := h.lists[i]
		for len(list) > 0 && list[0] < int32(from) {
			list = list[1:]
		}
		h.lists[i] = list
		if len(list) > 0 && list[0] < best {
			best = list[0]
		}
	}
	return int(best)
}
