package bytecode

import (
	"fmt"
	"math"
	"math/bits"
)

// A BoundsError is the kernel's refusal of a number: EOVERFLOW where its own
// arithmetic would overflow, EINVAL else.
type BoundsError struct {
	Overflow bool
	Why      string
}

func (e *BoundsError) Error() string { return e.Why }

func invalid(format string, args ...any) error {
	return &BoundsError{Why: fmt.Sprintf(format, args...)}
}

func overflow(format string, args ...any) error {
	return &BoundsError{Overflow: true, Why: fmt.Sprintf(format, args...)}
}

const nsecPerSec = 1_000_000_000

// Bounds tells whether the tokens of the limit's bucket, which are nanoseconds,
// fit into 64 bits (nft_limit_init); else it gives a *BoundsError.
func (l *Limit) Bounds() error {
	if l.Rate == 0 || l.Unit == 0 {
		return invalid("a limit of %d over %d seconds; both must be above 0", l.Rate, l.Unit)
	}
	high, nsecs := bits.Mul64(l.Unit, nsecPerSec)
	if high != 0 {
		return overflow("limit over %d seconds", l.Unit)
	}
	sum, carry := bits.Add64(l.Rate, uint64(l.Burst), 0)
	if carry != 0 {
		return overflow("limit rate %d is too large", l.Rate)
	}
	if l.Type == LimitBytes {
		high, _ = bits.Mul64(nsecs, sum)
	} else {
		high, _ = bits.Mul64(nsecs/l.Rate, uint64(l.Burst))
	}
	if high != 0 {
		return overflow("the limit's rate and burst are too large for its unit")
	}
	return nil
}

// Bounds tells whether the amounts of a quota are ones that the kernel takes
// (nft_quota_do_init); else it gives a *BoundsError.
func (q *Quota) Bounds() error {
	switch {
	case q.Bytes > math.MaxInt64:
		return overflow("a quota is at most %d bytes", int64(math.MaxInt64))
	case q.Used > q.Bytes:
		return invalid("more of the quota is used than there is")
	}
	return nil
}
