package iptables

// callers counts, for each chain of a table by its name, the jumps to it by the
// chains that have them. It is made when a chain is first deleted.
type callers map[string]map[*chain]int

// count notes that a rule comes to a chain, or goes with n -1.
func (c callers) count(from *chain, r *rule, n int) {
	if c == nil {
		return
	}
	for _, j := range r.jumps {
		by := c[j.chain]
		if by == nil {
			by = map[*chain]int{}
			c[j.chain] = by
		}
		if by[from] += n; by[from] == 0 {
			delete(by, from)
		}
	}
}

// caller finds the first chain with a rule that goes to ch.
func (t *table) caller(ch *chain) *chain {
	if t.callers == nil {
		t.callers = callers{}
		for c := range t.list.All() {
			for r := range c.rules.All() {
				t.callers.count(c, r, 1)
			}
		}
	}
	var first *chain
	for c := range t.callers[ch.name.text] {
		if first == nil || c.number < first.number {
			first = c
		}
	}
	return first
}

// insert puts a rule at index i of a chain.
func (t *table) insert(ch *chain, i int, r *rule) {
	if ch.rules.Len() == 0 {
		t.filled = append(t.filled, ch)
	}
	ch.rules.insert(i, r)
	t.callers.count(ch, r, 1)
}

// remove takes the rule at index i of a chain out.
func (t *table) remove(ch *chain, i int) {
	t.callers.count(ch, ch.rules.At(i), -1)
	ch.rules.remove(i)
}

// empty removes all rules of a chain.
func (t *table) empty(ch *chain) {
	if t.callers != nil {
		for r := range ch.rules.All() {
			t.callers.count(ch, r, -1)
		}
	}
	ch.rules = ruleList{}
}
