package compiler

import (
	"math/big"
	"math/bits"
	"strconv"

	"nfvm/datatype"
)

// A num is an unsigned 128-bit integer: wide enough for every constant of the
// language (IPv6 addresses, interface names, connlabels, merged loads).
type num struct{ hi, lo uint64 }

func n64(v uint64) num { return num{lo: v} }

func (a num) and(b num) num { return num{a.hi & b.hi, a.lo & b.lo} }
func (a num) or(b num) num  { return num{a.hi | b.hi, a.lo | b.lo} }
func (a num) xor(b num) num { return num{a.hi ^ b.hi, a.lo ^ b.lo} }
func (a num) not() num      { return num{^a.hi, ^a.lo} }
func (a num) isZero() bool  { return a.hi == 0 && a.lo == 0 }

func (a num) shl(n int) num {
	switch {
	case n <= 0:
		return a
	case n >= 128:
		return num{}
	case n >= 64:
		return num{hi: a.lo << (n - 64)}
	}
	return num{a.hi<<n | a.lo>>(64-n), a.lo << n}
}

func (a num) shr(n int) num {
	switch {
	case n <= 0:
		return a
	case n >= 128:
		return num{}
	case n >= 64:
		return num{lo: a.hi >> (n - 64)}
	}
	return num{a.hi >> n, a.lo>>n | a.hi<<(64-n)}
}

func (a num) add(b num) num {
	lo, c := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, c)
	return num{hi, lo}
}

func (a num) sub(b num) num {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return num{hi, lo}
}

func (a num) cmp(b num) int {
	switch {
	case a.hi < b.hi:
		return -1
	case a.hi > b.hi:
		return 1
	case a.lo < b.lo:
		return -1
	case a.lo > b.lo:
		return 1
	}
	return 0
}

// bitLen is the number of bits needed for a.
func (a num) bitLen() int {
	if a.hi != 0 {
		return 64 + bits.Len64(a.hi)
	}
	return bits.Len64(a.lo)
}

// trailing is the number of trailing zero bits, 128 for zero.
func (a num) trailing() int {
	if a.lo != 0 {
		return bits.TrailingZeros64(a.lo)
	}
	return 64 + bits.TrailingZeros64(a.hi)
}

// ones is a number with the low n bits set.
func ones(n int) num { return num{}.not().shr(128 - n) }

// prefixMask has the high plen of width bits set.
func prefixMask(width, plen int) num { return ones(width).xor(ones(width - plen)) }

// put writes the low len(b) bytes of a into b in the given order.
func (a num) put(b []byte, order datatype.Byteorder) {
	n := len(b)
	for i := range b {
		v := byte(a.shr(8 * i).lo)
		if order == datatype.BigEndian {
			b[n-1-i] = v
		} else {
			b[i] = v
		}
	}
}

// bytes gives a in n bytes of the given order.
func (a num) bytes(n int, order datatype.Byteorder) []byte {
	b := make([]byte, n)
	a.put(b, order)
	return b
}

// numFrom reads bytes of the given order; at most 16 count.
func numFrom(b []byte, order datatype.Byteorder) num {
	var a num
	for i := range b {
		c := b[i]
		if order != datatype.BigEndian {
			c = b[len(b)-1-i]
		}
		a = a.shl(8).or(n64(uint64(c)))
	}
	return a
}

// String gives a in decimal.
func (a num) String() string {
	if a.hi == 0 {
		return strconv.FormatUint(a.lo, 10)
	}
	return new(big.Int).SetBytes(a.bytes(16, datatype.BigEndian)).String()
}
