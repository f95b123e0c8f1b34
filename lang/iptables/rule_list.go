package iptables

import (
	"sort"

	"nfvm/internal/sequence"
)

// A ruleList is the rules of a chain. Once one is looked for by its words, all
// can be found by them.
type ruleList struct {
	sequence.List[*rule]
	written map[string]*sequence.List[*rule] // those of the same words, in order; nil: none was looked for
}

// insert puts a rule at index i, before the one that is there.
func (l *ruleList) insert(i int, r *rule) {
	l.Insert(i, r)
	if l.written != nil {
		l.know(i, r)
	}
}

// remove takes the rule at index i out.
func (l *ruleList) remove(i int) {
	r := l.At(i)
	l.Remove(i)
	same := l.written[r.words]
	switch {
	case same == nil:
	case same.Len() == 1:
		delete(l.written, r.words)
	default:
		same.Remove(same.Index(r))
	}
}

// know enters the rule at index i among those of its words.
func (l *ruleList) know(i int, r *rule) {
	same := l.written[r.words]
	if same == nil {
		same = new(sequence.List[*rule])
		l.written[r.words] = same
	}
	at := same.Len()
	if i < l.Len()-1 {
		at = sort.Search(at, func(k int) bool { return l.Index(same.At(k)) > i })
	}
	same.Insert(at, r)
}

// find gives the index of the first rule with these words, -1 without one.
func (l *ruleList) find(words string) int {
	if l.written == nil {
		l.written = make(map[string]*sequence.List[*rule], l.Len())
		n := l.Len()
		for r := range l.All() {
			l.know(n, r) // in order: each is the last so far
		}
	}
	if same := l.written[words]; same != nil {
		return l.Index(same.At(0))
	}
	return -1
}
