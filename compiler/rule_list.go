package compiler

import (
	"iter"
	"slices"
)

// A ruleList is the rules of a chain in order. It is a gap buffer: the room for
// further rules lies where the last one went in, so that a long run of `insert
// rule` costs no more than one of `add rule`.
type ruleList struct {
	buf  []*ruleState
	gap  int // index of the room
	room int // its length
	last int // index of the rule that a handle was last found at
}

func (l *ruleList) len() int { return len(l.buf) - l.room }

func (l *ruleList) at(i int) *ruleState { return l.buf[l.index(i)] }

func (l *ruleList) index(i int) int {
	if i >= l.gap {
		i += l.room
	}
	return i
}

func (l *ruleList) set(i int, r *ruleState) { l.buf[l.index(i)] = r }

// all yields the rules in order.
func (l *ruleList) all() iter.Seq[*ruleState] {
	return func(yield func(*ruleState) bool) {
		for i := range l.len() {
			if !yield(l.at(i)) {
				return
			}
		}
	}
}

// grow makes room for n more rules at the end.
func (l *ruleList) grow(n int) {
	l.move(l.len())
	l.buf = slices.Grow(l.buf[:l.gap], n)
	l.room = cap(l.buf) - l.gap
	l.buf = l.buf[:cap(l.buf)]
}

// move brings the room to index i.
func (l *ruleList) move(i int) {
	if i < l.gap {
		copy(l.buf[i+l.room:], l.buf[i:l.gap])
	} else {
		copy(l.buf[l.gap:], l.buf[l.gap+l.room:i+l.room])
	}
	l.gap = i
}

// insert puts a rule at index i, before the one that is there.
func (l *ruleList) insert(i int, r *ruleState) {
	if l.room == 0 {
		l.grow(1)
	}
	l.move(i)
	l.buf[i] = r
	l.gap, l.room = l.gap+1, l.room-1
}

// remove takes the rule at index i out.
func (l *ruleList) remove(i int) {
	l.move(i)
	l.buf[i+l.room] = nil
	l.room++
}

// find gives the index of the rule with a handle, -1 if there is none. Runs of
// commands name rules that are near each other, so it looks there first.
func (l *ruleList) find(handle uint64) int {
	n := l.len()
	for d := range n {
		if i := (l.last + d) % n; l.at(i).Handle == handle {
			l.last = i
			return i
		}
	}
	return -1
}
