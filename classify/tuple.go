package classify

import "math/bits"

// A tuple holds all patterns with one mask: a hash table of what is left of
// their keys under it, and the rules of each.
type tuple struct {
	words []int    // of the key, that have bits in the mask
	mask  []uint64 // parallel to words
	slots []int32  // number of a pattern + 1, 0 free; the length is a power of two
	keys  []uint64 // of pattern n: len(words) from n*len(words)
	lists [][]int32
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

// mix is one step of a hash over words.
func mix(h, w uint64) uint64 {
	hi, lo := bits.Mul64(h^w, 0x9e3779b97f4a7c15)
	return hi ^ lo
}

// hash is that of the words of a key that the mask leaves.
func (t *tuple) hash(seed uint64, key []uint64) uint64 {
	for i, w := range t.words {
		seed = mix(seed, key[w]&t.mask[i])
	}
	return seed
}

// add puts a rule under a pattern's values.
func (t *tuple) add(seed uint64, vals []uint64, rule int32) {
	mask := uint64(len(t.slots) - 1)
	for s := t.hash(seed, vals) & mask; ; s = (s + 1) & mask {
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
	mask := uint64(len(t.slots) - 1)
	for s := t.hash(seed, key[:]) & mask; ; s = (s + 1) & mask {
		n := t.slots[s] - 1
		if n < 0 {
			return nil
		}
		if t.holds(int(n), key[:]) {
			return t.lists[n]
		}
	}
}
