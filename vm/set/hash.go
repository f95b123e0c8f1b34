package set

import (
	"bytes"
	"hash/maphash"
)

// A Hash is an index of exact keys of one length: open addressing with linear
// probing over numbers of elements, whose keys lie in one flat slice. Numbers
// are given in order of insertion; those of deleted elements are used again.
//
// The hash is seeded by the process, because packets choose the keys; no result
// depends on the seed.
type Hash struct {
	keyLen int
	seed   maphash.Seed
	slots  []int32 // number + 1, 0 free; the length is a power of two
	keys   []byte
	free   []int32
	count  int
}

// NewHash makes an index of keys of keyLen bytes with room for hint elements.
func NewHash(keyLen, hint int) *Hash {
	size := 8
	for size*3 < hint*4 {
		size *= 2
	}
	return &Hash{keyLen: keyLen, seed: maphash.MakeSeed(), slots: make([]int32, size), keys: make([]byte, 0, keyLen*hint)}
}

// Len is the number of elements.
func (h *Hash) Len() int { return h.count }

// Key gives an element's key. It must not be changed, and is valid until the
// element is removed.
func (h *Hash) Key(n int32) []byte {
	at := int(n) * h.keyLen
	return h.keys[at : at+h.keyLen : at+h.keyLen]
}

func (h *Hash) home(key []byte) uint64 {
	return maphash.Bytes(h.seed, key) & uint64(len(h.slots)-1)
}

// slot gives the slot that holds key, or the free one where it belongs.
func (h *Hash) slot(key []byte) uint64 {
	mask := uint64(len(h.slots) - 1)
	for i := h.home(key); ; i = (i + 1) & mask {
		n := h.slots[i]
		if n == 0 || bytes.Equal(h.Key(n-1), key) {
			return i
		}
	}
}

// Find gives the number of the element with the key, or None.
func (h *Hash) Find(key []byte) int32 { return h.slots[h.slot(key)] - 1 }

// Add gives the number of the element with the key, and whether it is new.
func (h *Hash) Add(key []byte) (n int32, added bool) {
	if (h.count+1)*4 > len(h.slots)*3 {
		h.grow()
	}
	i := h.slot(key)
	if old := h.slots[i]; old != 0 {
		return old - 1, false
	}
	if last := len(h.free) - 1; last >= 0 {
		n, h.free = h.free[last], h.free[:last]
		copy(h.Key(n), key)
	} else {
		n = int32(len(h.keys) / h.keyLen)
		h.keys = append(h.keys, key...)
	}
	h.slots[i] = n + 1
	h.count++
	return n, true
}

func (h *Hash) grow() {
	old := h.slots
	h.slots = make([]int32, 2*len(old))
	for _, n := range old {
		if n != 0 {
			h.slots[h.slot(h.Key(n-1))] = n
		}
	}
}

// Remove deletes the element with the key and gives its number, or None. The
// elements behind it in the chain of probes move up, so that no tombstone is
// left.
func (h *Hash) Remove(key []byte) int32 {
	mask := uint64(len(h.slots) - 1)
	i := h.slot(key)
	n := h.slots[i] - 1
	if n == None {
		return None
	}
	for j := (i + 1) & mask; h.slots[j] != 0; j = (j + 1) & mask {
		home := h.home(h.Key(h.slots[j] - 1))
		if (j-home)&mask >= (j-i)&mask { // i lies between home and j
			h.slots[i], i = h.slots[j], j
		}
	}
	h.slots[i] = 0
	h.free = append(h.free, n)
	h.count--
	return n
}
