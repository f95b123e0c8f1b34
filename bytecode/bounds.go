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
func (e *Limit) Bounds() error {
	if e.Rate == 0 || e.Unit == 0 {
		return invalid("a limit of %d over %d seconds; both must be above 0", e.Rate, e.Unit)
	}
	high, nsecs := bits.Mul64(e.Unit, nsecPerSec)
	if high != 0 {
		return overflow("limit over %d seconds", e.Unit)
	}
	sum, carry := bits.Add64(e.Rate, uint64(e.Burst), 0)
	if carry != 0 {
		return overflow("limit rate %d is too large", e.Rate)
	}
	if e.Type == LimitBytes {
		high, _ = bits.Mul64(nsecs, sum)
	} else {
		high, _ = bits.Mul64(nsecs/e.Rate, uint64(e.Burst))
	}
	if high != 0 {
		return overflow("the limit's rate and burst are too large for its unit")
	}
	return nil
}

// Bounds tells whether the amounts of a quota are ones that the kernel takes
// (nft_quota_do_init); else it gives a *BoundsError.
func (e *Quota) Bounds() error {
	switch {
	case e.Bytes > math.MaxInt64:
		return overflow("a quota is at most %d bytes", int64(math.MaxInt64))
	case e.Used > e.Bytes:
		return invalid("more of the quota is used than there is")
	}
	return nil
}
