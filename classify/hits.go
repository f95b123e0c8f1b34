package classify

import "encoding/binary"

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
