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

// contexts is a set of chain types and hooks, a bit for each pair.
type contexts uint32

func contextOf(t nf.ChainType, h nf.Hook) contexts {
	return 1 << (uint(t)*uint(nf.HookCount) + uint(h))
}

// hooks checks each rule against every base chain that can reach it.
func (v *verifier) hooks() error {
	var spread func(c *Chain, from contexts)
	spread = func(c *Chain, from contexts) {
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
			spread(c, contextOf(c.Base.Type, c.Base.Hook))
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

func (v *verifier) ruleHooks(r *Rule, from contexts) error {
	for i, e := range r.Exprs {
		allowed, ok := v.allowed(e)
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
				if from&^allowed&contextOf(t, h) != 0 {
					return v.errorf("%s is not supported in chains of type %s at hook %s", e.Name(), t, h)
				}
			}
		}
	}
	return nil
}
