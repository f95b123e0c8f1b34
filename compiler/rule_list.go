package compiler

import "nfvm/internal/sequence"

// A ruleList is the rules of a chain in order.
type ruleList struct {
	sequence.List[*ruleState]
	handles map[uint64]*ruleState // nil: none was looked for
}

func (l *ruleList) set(i int, r *ruleState) {
	l.forget(l.At(i))
	l.Set(i, r)
	l.know(r)
}

// insert puts a rule at index i, before the one that is there.
func (l *ruleList) insert(i int, r *ruleState) {
	l.Insert(i, r)
	l.know(r)
}

// remove takes the rule at index i out.
func (l *ruleList) remove(i int) {
	l.forget(l.At(i))
	l.Remove(i)
}

func (l *ruleList) know(r *ruleState) {
	if l.handles != nil {
		l.handles[r.Handle] = r
	}
}

func (l *ruleList) forget(r *ruleState) {
	if l.handles != nil {
		delete(l.handles, r.Handle)
	}
}

// find gives the index of the rule with a handle, -1 if there is none.
func (l *ruleList) find(handle uint64) int {
	if l.handles == nil {
		l.handles = make(map[uint64]*ruleState, l.Len())
		for r := range l.All() {
			l.know(r)
		}
	}
	if r := l.handles[handle]; r != nil {
		return l.Index(r)
	}
	return -1
}
