package classify

import (
	"math/bits"
	"slices"
)

// A coarseness takes bits out of a mask, so that fewer masks are left.
type coarseness func(mask *[keyWords]uint64, selectors []Selector)

// coarse are tried one after the other until a key need not be looked up under
// too many masks.
var coarse = []coarseness{
	func(*[keyWords]uint64, []Selector) {},
	func(m *[keyWords]uint64, _ []Selector) { wholeUnits(m, 4) },
	func(m *[keyWords]uint64, _ []Selector) { wholeUnits(m, 8) },
	wholeSelectors,
}

// wholeUnits leaves only units of some bits that are demanded whole; presence
// bits stay.
func wholeUnits(m *[keyWords]uint64, unit uint) {
	for w := range m {
		if w == flagWord {
			continue
		}
		for at := uint(0); at < 64; at += unit {
			if u := (uint64(1)<<unit - 1) << at; m[w]&u != u {
				m[w] &^= u
			}
		}
	}
}

// wholeSelectors leaves only selectors of which every bit is demanded.
func wholeSelectors(m *[keyWords]uint64, selectors []Selector) {
	for _, s := range selectors {
		whole := true
		for at := s.At; at < s.At+s.Len; at++ {
			whole = whole && m[at/wordBytes]>>(at%wordBytes*8)&0xff == 0xff
		}
		for at := s.At; at < s.At+s.Len && !whole; at++ {
			m[at/wordBytes] &^= 0xff << (at % wordBytes * 8)
		}
	}
}

// coarsen makes the masks at most limit (that of patterns without demands not
// counted), by demanding less.
func (b *builder) coarsen(selectors []Selector, limit int) {
	for _, level := range coarse {
		if len(b.numbers) <= limit {
			return
		}
		b.merge(func(m *[keyWords]uint64) { level(m, selectors) })
	}
	b.fallBack(limit)
}

// merge joins the entries of masks that become equal.
func (b *builder) merge(change func(*[keyWords]uint64)) {
	old := b.masks
	b.masks, b.numbers = nil, make(map[[keyWords]uint64]int32)
	to := make([]int32, len(old))
	for i := range old {
		m := old[i].mask
		change(&m)
		n, known := b.numbers[m]
		if !known {
			n = int32(len(b.masks))
			b.numbers[m] = n
			b.masks = append(b.masks, ternary{mask: m})
		}
		to[i] = n
	}
	for i := range b.entries {
		b.entries[i].mask = to[b.entries[i].mask]
	}
}

// fallBack moves the patterns of the rarest masks to the best mask among the
// frequent ones that asks for nothing else, or to those without demands.
func (b *builder) fallBack(limit int) {
	counts := make([]int, len(b.masks))
	for _, e := range b.entries {
		counts[e.mask]++
	}
	order := make([]int32, len(b.masks))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int { return counts[j] - counts[i] })
	kept := order[:min(limit, len(order))]
	into := make(map[[keyWords]uint64][keyWords]uint64, len(order))
	for _, i := range order[len(kept):] {
		var best [keyWords]uint64
		for _, k := range kept {
			if m := b.masks[k].mask; subset(&m, &b.masks[i].mask) && count(&m) > count(&best) {
				best = m
			}
		}
		into[b.masks[i].mask] = best
	}
	b.merge(func(m *[keyWords]uint64) {
		if to, moved := into[*m]; moved {
			*m = to
		}
	})
}

func subset(a, b *[keyWords]uint64) bool {
	for w := range a {
		if a[w]&^b[w] != 0 {
			return false
		}
	}
	return true
}

func count(m *[keyWords]uint64) (n int) {
	for _, w := range m {
		n += bits.OnesCount64(w)
	}
	return n
}
