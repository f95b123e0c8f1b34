package ct

// A pool holds values of one kind that few entries need, in pieces that never
// move and hold no pointers. A value's number is its place from 1; 0 is none, so
// that an entry names a value by four bytes.
type pool[T any] struct {
	pieces []*poolPiece[T]
	used   uint32 // places ever handed out
	free   uint32 // list through poolPiece.next
}

const (
	poolBits = 6
	poolSize = 1 << poolBits
)

type poolPiece[T any] struct {
	values [poolSize]T
	next   [poolSize]uint32
}

// at is the value with a number but 0.
func (p *pool[T]) at(n uint32) *T {
	return &p.pieces[(n-1)>>poolBits].values[(n-1)&(poolSize-1)]
}

// take gives the number of a zero value that nobody else has.
func (p *pool[T]) take() uint32 {
	n := p.free
	if n == 0 {
		if int(p.used>>poolBits) == len(p.pieces) {
			p.pieces = append(p.pieces, new(poolPiece[T]))
		}
		p.used++
		return p.used
	}
	p.free = *p.link(n)
	var zero T
	*p.at(n) = zero
	return n
}

// give takes back a value; 0 is none.
func (p *pool[T]) give(n uint32) {
	if n != 0 {
		*p.link(n), p.free = p.free, n
	}
}

// link is the place of the free list's next number behind n.
func (p *pool[T]) link(n uint32) *uint32 {
	return &p.pieces[(n-1)>>poolBits].next[(n-1)&(poolSize-1)]
}
