package classify

import "nfvm/bytecode"

// KeyBytes is the size of the largest key: a word of presence bits, one for
// each selector whose load did not fail, and what the selectors loaded.
const (
	KeyBytes  = presence + maxValue
	presence  = 8 // bytes
	maxValue  = bytecode.MaxDispatchKey
	keyWords  = KeyBytes / 8
	flagWord  = 0 // the word of presence bits
	wordBytes = 8
)

// A ternary is a pattern of a key: bits under the mask must be those of val.
type ternary struct{ mask, val [keyWords]uint64 }

// set demands bits of a byte of the key. It reports false if the pattern
// demands the opposite already.
func (p *ternary) set(at int, mask, val byte) bool {
	w, shift := at/wordBytes, at%wordBytes*8
	m, v := uint64(mask)<<shift, uint64(val&mask)<<shift
	if (p.val[w]^v)&p.mask[w]&m != 0 {
		return false
	}
	p.mask[w] |= m
	p.val[w] |= v
	return true
}

// and joins two patterns; false if no key fits both.
func (p *ternary) and(q *ternary) bool {
	for w := range p.mask {
		if (p.val[w]^q.val[w])&p.mask[w]&q.mask[w] != 0 {
			return false
		}
		p.mask[w] |= q.mask[w]
		p.val[w] |= q.val[w]
	}
	return true
}
