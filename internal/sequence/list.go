// Package sequence holds long lists that change anywhere: the rules of a chain,
// which commands insert, replace and delete by their number.
package sequence

import (
	"iter"
	"slices"
)

// blockSize is the most things in a block. To find a place among a million
// takes a look at some hundred blocks, and to change it moves some thousand
// pointers: both about a microsecond.
const blockSize = 2048

// A List is a sequence of things that are all different. Its zero value is
// empty. A change anywhere costs about the same.
type List[T comparable] struct {
	blocks []*block[T] // none is empty
	sizes  []int       // of the blocks, beside each other to be added up
	len    int
	home   map[T]*block[T] // where each thing is; nil: nobody asked
}

type block[T comparable] struct{ items []T }

// Len gives the number of things.
func (l *List[T]) Len() int { return l.len }

// At gives the thing at index i, which must be there.
func (l *List[T]) At(i int) T {
	b, i := l.locate(i)
	return l.blocks[b].items[i]
}

// All yields the things in order. The list may not change meanwhile.
func (l *List[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, b := range l.blocks {
			for _, x := range b.items {
				if !yield(x) {
					return
				}
			}
		}
	}
}

// locate gives the block of index i, and the index in it.
func (l *List[T]) locate(i int) (block, at int) {
	if i < 0 || i >= l.len {
		panic("sequence: index out of range")
	}
	if last := len(l.sizes) - 1; i >= l.len-l.sizes[last] {
		return last, i - (l.len - l.sizes[last])
	}
	for b, n := range l.sizes {
		if i < n {
			return b, i
		}
		i -= n
	}
	panic("sequence: sizes do not add up")
}

// Set puts x in the place of the thing at index i.
func (l *List[T]) Set(i int, x T) {
	b, i := l.locate(i)
	items := l.blocks[b].items
	if l.home != nil {
		delete(l.home, items[i])
		l.home[x] = l.blocks[b]
	}
	items[i] = x
}

// Insert puts x before the thing at index i; at Len it becomes the last.
func (l *List[T]) Insert(i int, x T) {
	b, at := l.gap(i)
	to := l.blocks[b]
	to.items = slices.Insert(to.items, at, x)
	l.sizes[b]++
	l.len++
	if l.home != nil {
		l.home[x] = to
	}
}

// Append makes x the last thing.
func (l *List[T]) Append(x T) { l.Insert(l.len, x) }

// gap gives the block and the index in it where a thing goes in before index i;
// the block has room.
func (l *List[T]) gap(i int) (b, at int) {
	switch {
	case l.len == 0:
		l.addBlock(0, nil)
		return 0, 0
	case i == l.len:
		b = len(l.blocks) - 1
		at = l.sizes[b]
	default:
		b, at = l.locate(i)
	}
	items := l.blocks[b].items
	switch {
	case len(items) < blockSize:
	case i == l.len: // a list that grows at its end has full blocks
		b, at = b+1, 0
		l.addBlock(b, make([]T, 0, blockSize))
	default:
		l.split(b)
		if half := l.sizes[b]; at > half {
			b, at = b+1, at-half
		}
	}
	return b, at
}

// split makes two of a block.
func (l *List[T]) split(b int) {
	from := l.blocks[b]
	half := len(from.items) / 2
	back := append(make([]T, 0, blockSize), from.items[half:]...)
	clear(from.items[half:])
	from.items, l.sizes[b] = from.items[:half], half
	l.addBlock(b+1, back)
	if l.home != nil {
		for _, x := range back {
			l.home[x] = l.blocks[b+1]
		}
	}
}

func (l *List[T]) addBlock(b int, items []T) {
	l.blocks = slices.Insert(l.blocks, b, &block[T]{items})
	l.sizes = slices.Insert(l.sizes, b, len(items))
}

// Remove takes the thing at index i out.
func (l *List[T]) Remove(i int) {
	b, i := l.locate(i)
	from := l.blocks[b]
	if l.home != nil {
		delete(l.home, from.items[i])
	}
	from.items = slices.Delete(from.items, i, i+1)
	l.sizes[b]--
	l.len--
	if l.sizes[b] == 0 {
		l.blocks = slices.Delete(l.blocks, b, b+1)
		l.sizes = slices.Delete(l.sizes, b, b+1)
	}
}

// Index gives the index of x, -1 if it is not in the list.
func (l *List[T]) Index(x T) int {
	if l.home == nil {
		l.home = make(map[T]*block[T], l.len)
		for _, b := range l.blocks {
			for _, y := range b.items {
				l.home[y] = b
			}
		}
	}
	home := l.home[x]
	if home == nil {
		return -1
	}
	from := 0
	for b, have := range l.blocks {
		if have == home {
			break
		}
		from += l.sizes[b]
	}
	return from + slices.Index(home.items, x)
}
