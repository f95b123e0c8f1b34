package set

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
)

// A Bound is a place where an interval begins (End false) or where none holds
// any more (End true): the kernel's view of an interval set, in which a key
// belongs to the last bound that is not above it.
type Bound struct {
	Key []byte
	End bool
	N   int32 // of the element that begins
}

// A wide is a key as a number: up to 16 bytes, the first the most significant.
type wide struct{ hi, lo uint64 }

func (a wide) compare(b wide) int {
	if a.hi != b.hi {
		return cmp.Compare(a.hi, b.hi)
	}
	return cmp.Compare(a.lo, b.lo)
}

func widen(key []byte) (w wide) {
	var b [16]byte
	copy(b[:], key)
	return wide{binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:])}
}

// Intervals is an index of disjoint intervals of keys of up to 16 bytes.
type Intervals struct {
	keyLen int
	// Bounds in ascending order of their keys: only hi is used for keys of up
	// to 8 bytes. elem is None where no interval holds.
	hi, lo []uint64
	elem   []int32
}

// maxIntervalKey is the size of the largest datatype, an IPv6 address or an
// interface name.
const maxIntervalKey = 16

// NewIntervals makes an index from bounds in any order. Of several bounds with
// equal keys a beginning wins over an end, and the last beginning over others.
func NewIntervals(keyLen int, bounds []Bound) (*Intervals, error) {
	if keyLen > maxIntervalKey {
		return nil, fmt.Errorf("intervals of keys of %d bytes, at most %d are supported", keyLen, maxIntervalKey)
	}
	type entry struct {
		key wide
		Bound
	}
	sorted := make([]entry, len(bounds))
	for i, b := range bounds {
		sorted[i] = entry{widen(b.Key), b}
	}
	slices.SortStableFunc(sorted, func(a, b entry) int {
		if c := a.key.compare(b.key); c != 0 || a.End == b.End {
			return c
		}
		if a.End {
			return -1
		}
		return 1
	})
	x := &Intervals{keyLen: keyLen}
	for i, e := range sorted {
		if i+1 < len(sorted) && sorted[i+1].key == e.key {
			continue
		}
		n := e.N
		if e.End {
			n = None
		}
		x.hi, x.elem = append(x.hi, e.key.hi), append(x.elem, n)
		if keyLen > 8 {
			x.lo = append(x.lo, e.key.lo)
		}
	}
	return x, nil
}

// Find gives the number of the interval that holds the key, or None.
func (x *Intervals) Find(key []byte) int32 {
	k := widen(key)
	// The first bound above the key; the one before it decides.
	i := sort.Search(len(x.hi), func(i int) bool { return x.hi[i] > k.hi })
	if x.keyLen > 8 {
		for i > 0 && x.hi[i-1] == k.hi && x.lo[i-1] > k.lo {
			i = x.below(i, k)
		}
	}
	if i == 0 {
		return None
	}
	return x.elem[i-1]
}

// below gives the first bound above k among those that share its upper half
// and lie before bound i.
func (x *Intervals) below(i int, k wide) int {
	first := sort.Search(i, func(j int) bool { return x.hi[j] >= k.hi })
	return first + sort.Search(i-first, func(j int) bool { return x.lo[first+j] > k.lo })
}
