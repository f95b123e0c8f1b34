package bytecode

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A coder writes a Program's fields to buf or reads them from it: each type's
// fields are listed once, for both directions, so that they can't disagree.
// The first error sticks; after it reads give zeros and writes are lost.
type coder struct {
	reading bool
	buf     []byte       // written so far, or not yet read
	spill   func([]byte) // takes what is written when that is much, may be nil
	err     error
	last    Pos // positions are stored as differences from the previous one
	nested  int // depth of expressions within expressions
}

func (c *coder) fail(format string, a ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, a...)
	}
}

// u64 codes an unsigned number in as few bytes as it needs.
func (c *coder) u64(v *uint64) {
	switch {
	case c.err != nil:
		*v = 0
	case !c.reading:
		c.buf = binary.AppendUvarint(c.buf, *v)
	default:
		x, n := binary.Uvarint(c.buf)
		if n <= 0 {
			c.fail("bad number")
			return
		}
		if n > 1 && c.buf[n-1] == 0 {
			c.fail("number not in its shortest form")
			return
		}
		*v, c.buf = x, c.buf[n:]
	}
}

// num codes a number of a smaller type.
func num[T ~uint8 | ~uint16 | ~uint32 | ~uint64](c *coder, v *T) {
	x := uint64(*v)
	c.u64(&x)
	if *v = T(x); uint64(*v) != x {
		c.fail("number %d too large", x)
	}
}

// signed codes a number that may be negative, small magnitudes in few bytes.
func signed[T ~int8 | ~int32 | ~int64](c *coder, v *T) {
	x := int64(*v)
	u := uint64(x<<1) ^ uint64(x>>63)
	c.u64(&u)
	x = int64(u>>1) ^ -int64(u&1)
	if *v = T(x); int64(*v) != x {
		c.fail("number %d out of range", x)
	}
}

func (c *coder) bool(v *bool) {
	x := uint8(flag(*v))
	num(c, &x)
	if x > 1 {
		c.fail("%d is no truth value", x)
	}
	*v = x == 1
}

// take reads n bytes, which stay part of the input.
func (c *coder) take(n uint64) []byte {
	if c.err != nil || n > uint64(len(c.buf)) {
		c.fail("a length of %d bytes where %d are left", n, len(c.buf))
		return nil
	}
	b := c.buf[:n:n]
	c.buf = c.buf[n:]
	return b
}

// raw codes bytes whose number both sides know.
func (c *coder) raw(v *[]byte, n int) {
	if c.reading {
		*v = c.take(uint64(n))
	} else {
		c.buf = append(c.buf, *v...)
	}
}

func (c *coder) str(v *string) {
	n := uint64(len(*v))
	c.u64(&n)
	if c.reading {
		*v = string(c.take(n))
	} else {
		c.buf = append(c.buf, *v...)
	}
}

// bytes codes a byte slice; nil is not the same as empty.
func (c *coder) bytes(v *[]byte) {
	n := uint64(0)
	if *v != nil {
		n = uint64(len(*v)) + 1
	}
	c.u64(&n)
	if n > 0 {
		c.raw(v, int(min(n-1, math.MaxInt32)))
	}
}

// count codes a list's length. A length that can't fit into the rest of the
// input fails, so that a lying one allocates nothing.
func (c *coder) count(n int, itemSize int) int {
	x := uint64(n)
	c.u64(&x)
	if c.reading && x > uint64(len(c.buf)/itemSize) {
		c.fail("a list of %d items where %d bytes are left", x, len(c.buf))
		return 0
	}
	return int(x)
}

// list codes a slice of values; an empty one is read as nil.
func list[T any](c *coder, s *[]T, item func(*coder, *T)) {
	n := c.count(len(*s), 1)
	if c.reading && n > 0 && c.err == nil {
		*s = make([]T, n)
	}
	for i := range *s {
		if item(c, &(*s)[i]); c.err != nil {
			return
		}
	}
}

// pointers codes a slice of pointers to structures.
func pointers[T any](c *coder, s *[]*T, item func(*coder, *T)) {
	list(c, s, func(c *coder, p **T) {
		if c.reading {
			*p = new(T)
		}
		item(c, *p)
		if len(c.buf) > spillSize && c.spill != nil {
			c.spill(c.buf)
			c.buf = c.buf[:0]
		}
	})
}

// spillSize is how much is written before it is taken away.
const spillSize = 1 << 16

// optional codes a pointer that may be nil.
func optional[T any](c *coder, p **T, item func(*coder, *T)) {
	set := *p != nil
	c.bool(&set)
	if !set {
		return
	}
	if c.reading {
		*p = new(T)
	}
	item(c, *p)
}

func codeString(c *coder, s *string) { c.str(s) }
