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

// add enters row n with a key. If some row of t has the key already, it gives
// that one's number and enters nothing; else -1.
func (x *keyIndex) add(key []byte, n int, t *rows) int {
	if x.used*3 > len(x.slots)*2 {
		x.grow(t)
	}
	slot := x.slot(key, t)
	if *slot != 0 {
		if j := rowOf(*slot); !t.isDead(j) {
			return j
		}
		x.used--
	}
	*slot = maphash.Bytes(x.seed, key)&high | uint64(n+1)
	x.used++
	return -1
}

func rowOf(slot uint64) int { return int(uint32(slot)) - 1 }

// slot gives the slot of a key, or the free one for it. Rows that are dead keep
// theirs.
func (x *keyIndex) slot(key []byte, t *rows) *uint64 {
	h := maphash.Bytes(x.seed, key)
	for i := h; ; i++ {
		slot := &x.slots[i&uint64(len(x.slots)-1)]
		if *slot == 0 || *slot&high == h&high && string(t.id(rowOf(*slot))) == string(key) {
			return slot
		}
	}
}

// grow doubles the table.
func (x *keyIndex) grow(t *rows) {
	old := x.slots
	x.slots, x.used = make([]uint64, 2*len(old)), 0
	for _, v := range old {
		if v != 0 && !t.isDead(rowOf(v)) {
			x.add(t.id(rowOf(v)), rowOf(v), t)
		}
	}
}

// find gives the row of t with a key, -1 without.
func (x *keyIndex) find(key []byte, t *rows) int {
	if slot := *x.slot(key, t); slot != 0 && !t.isDead(rowOf(slot)) {
		return rowOf(slot)
	}
	return -1
}

// keyIndex gives the index of the elements of a set without single-field
// intervals, which are the first n rows. It gets room for all.
func (s *setState) keyIndex(n int) *keyIndex {
	if s.keys == nil {
		s.keys = newKeyIndex(s.rows.len())
		for i := range n {
			if !s.rows.isDead(i) {
				s.keys.add(s.rows.id(i), i, s.rows)
			}
		}
	}
	return s.keys
}
