package vm

import "nfvm/bytecode"

// A Tally is a counter or quota that has a name, or a rule with counters.
type Tally struct {
	Table  *bytecode.Table
	Object *bytecode.Object // nil for a rule
	Chain  *bytecode.Chain  // nil for an object
	Rule   *bytecode.Rule   // nil for an object
	states []*State
}

// Tallies lists the named counters and quotas, and with rules also the rules
// that count, in the order of the program. It may run while packets do.
func (r *Ruleset) Tallies(rules bool) (list []Tally) {
	for _, t := range r.tables {
		for _, o := range t.objects {
			if o.state.conf != nil && (o.decl.Type == bytecode.ObjectCounter || o.decl.Type == bytecode.ObjectQuota) {
				list = append(list, Tally{Table: t.decl, Object: o.decl, states: []*State{&o.state}})
			}
		}
		for _, c := range t.chains {
			for i := range c.rules {
				if states := c.rules[i].counters(); rules && len(states) > 0 {
					list = append(list, Tally{Table: t.decl, Chain: c.Chain, Rule: c.rules[i].decl, states: states})
				}
			}
		}
	}
	return list
}

// counters are the states of a rule that count packets.
func (r *rule) counters() (list []*State) {
	for _, s := range r.states {
		if s.conf != nil && s.conf.kind == stateCounter {
			list = append(list, s)
		}
	}
	return list
}

// Read gives packets and bytes of counters, and of a quota what has been used and
// its size in bytes. No packet may be on its way.
func (t *Tally) Read() (a, b uint64) {
	for _, s := range t.states {
		a += s.a
		if b += s.b; s.conf.kind == stateQuota {
			return s.a, s.conf.limit
		}
	}
	return a, b
}
