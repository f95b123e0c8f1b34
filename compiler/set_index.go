package compiler

import "hash/maphash"

// A keyIndex finds elements by their keys: a hash table of element numbers. It
// holds no keys, which the elements have, so that an index of a million is
// small and nothing for the collector to scan.
type keyIndex struct {
	seed  maphash.Seed
	slots []uint64 // high half of the hash, number of the element plus one; 0: free
	used  int
}

const high = ^uint64(1<<32 - 1)

// newKeyIndex makes an index with room for n elements.
func newKeyIndex(n int) *keyIndex {
	size := 8
	for size*2 < n*3 {
		size *= 2
	}
	return &keyIndex{seed: maphash.MakeSeed(), slots: make([]uint64, size)}
}

// add enters element n with a key. If some element has the key already, it
// gives that one's number and enters nothing; else -1. keyAt gives the key of
// an element that was entered.
func (x *keyIndex) add(key []byte, n int, keyAt func(int) []byte) int {
	if x.used*3 > len(x.slots)*2 {
		x.grow(keyAt)
	}
	h := maphash.Bytes(x.seed, key)
	for i := h; ; i++ {
		slot := &x.slots[i&uint64(len(x.slots)-1)]
		if *slot == 0 {
			*slot = h&high | uint64(n+1)
			x.used++
			return -1
		}
		if *slot&high == h&high {
			if j := int(uint32(*slot)) - 1; string(keyAt(j)) == string(key) {
				return j
			}
		}
	}
}

// grow doubles the table.
func (x *keyIndex) grow(keyAt func(int) []byte) {
	old := x.slots
	x.slots, x.used = make([]uint64, 2*len(old)), 0
	for _, v := range old {
		if v != 0 {
			n := int(uint32(v)) - 1
			x.add(keyAt(n), n, keyAt)
		}
	}
}

// find gives the number of the element with a key, -1 without.
func (x *keyIndex) find(key []byte, keyAt func(int) []byte) int {
	h := maphash.Bytes(x.seed, key)
	for i := h; ; i++ {
		slot := x.slots[i&uint64(len(x.slots)-1)]
		if slot == 0 {
			return -1
		}
		if slot&high == h&high {
			if j := int(uint32(slot)) - 1; string(keyAt(j)) == string(key) {
				return j
			}
		}
	}
}

// keyIndex gives the index of the elements of a set without single-field
// intervals, which are the first n rows. It gets room for all.
func (s *setState) keyIndex(n int) *keyIndex {
	if s.keys == nil {
		s.keys = newKeyIndex(s.rows.len())
		for i := range n {
			s.keys.add(s.rows.id(i), i, s.rows.id)
		}
	}
	return s.keys
}
