package bytecode

import "nfvm/nf"

// edges calls f for each chain that a rule can enter.
func (v *verifier) edges(r *Rule, f func(name string)) {
	for _, e := range r.Exprs {
		switch e := e.(type) {
		case *Immediate:
			if e.DReg == RegVerdict && (e.Verdict == nf.Jump || e.Verdict == nf.Goto) {
				f(e.Chain)
			}
		case *Lookup:
			if s := v.t.SetByID(e.SetID); e.HasDReg && s != nil {
				for _, name := range v.targets[s] {
					f(name)
				}
			}
		}
	}
}

// depths walks from every base chain. A chain at level MaxDepth is an error,
// and so a loop is; loops that no base chain reaches are none, as in the kernel.
// A chain is walked again only when it is reached at a deeper level, which
// bounds the work whatever the shape of the graph.
func (v *verifier) depths() error {
	deepest := make(map[*Chain]int)
	var walk func(c *Chain, depth int) error
	walk = func(c *Chain, depth int) (err error) {
		if old, seen := deepest[c]; seen && old >= depth {
			return nil
		}
		deepest[c] = depth
		for i, r := range c.Rules {
			v.edges(r, func(name string) {
				switch {
				case err != nil:
				case depth+1 >= MaxDepth:
					v.chain, v.rule, v.pos = c, i+1, r.Pos
					err = v.errorf("chains are nested more than %d deep, or form a loop", MaxDepth)
				default:
					err = walk(v.chains[name], depth+1)
				}
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range v.t.Chains {
		if c.Base == nil {
			continue
		}
		if err := walk(c, 0); err != nil {
			return err
		}
	}
	return nil
}

// maxRules bounds how many rules one packet may have to pass in a base chain, so
// that chains that jump to each other many times over can't stall the machine.
const maxRules = 1 << 26

// work checks that bound: a chain costs its rules and, for each of them, the
// costliest chain it can enter. Depths are known to be bounded.
func (v *verifier) work() error {
	costs := make(map[*Chain]int)
	var cost func(c *Chain) int
	cost = func(c *Chain) int {
		if n, known := costs[c]; known {
			return n
		}
		n := len(c.Rules)
		for _, r := range c.Rules {
			most := 0
			v.edges(r, func(name string) { most = max(most, cost(v.chains[name])) })
			n = min(n+most, maxRules+1)
		}
		costs[c] = n
		return n
	}
	for _, c := range v.t.Chains {
		if c.Base != nil && cost(c) > maxRules {
			v.chain, v.rule, v.pos = c, 0, c.Pos
			return v.errorf("a packet may have to pass more than %d rules", maxRules)
		}
	}
	return nil
}

// hooks checks each rule against every base chain that can reach it.
func (v *verifier) hooks() error {
	var spread func(c *Chain, from Places)
	spread = func(c *Chain, from Places) {
		if v.reached[c]|from == v.reached[c] {
			return
		}
		v.reached[c] |= from
		for _, r := range c.Rules {
			v.edges(r, func(name string) { spread(v.chains[name], from) })
		}
	}
	for _, c := range v.t.Chains {
		if c.Base != nil {
			spread(c, placeOf(c.Base.Type, c.Base.Hook))
		}
	}
	for _, c := range v.t.Chains {
		v.chain = c
		for i, r := range c.Rules {
			v.rule = i + 1
			if err := v.ruleHooks(r, v.reached[c]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verifier) ruleHooks(r *Rule, from Places) error {
	for i, e := range r.Exprs {
		allowed, ok := PlacesOf(v.t.Family, e)
		if ok && from&^allowed == 0 {
			continue
		}
		v.pos = r.Pos
		if len(r.ExprPos) == len(r.Exprs) {
			v.pos = r.ExprPos[i]
		}
		if !ok {
			return v.errorf("%s is not supported in family %s", e.Name(), v.t.Family)
		}
		for t := nf.ChainTypeFilter; t <= nf.ChainTypeRoute; t++ {
			for h := range nf.HookCount {
				if from&^allowed&placeOf(t, h) != 0 {
					return v.errorf("%s is not supported in chains of type %s at hook %s", e.Name(), t, h)
				}
			}
		}
	}
	return nil
}
