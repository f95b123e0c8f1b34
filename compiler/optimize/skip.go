package optimize

import (
	"slices"

	"nfvm/bytecode"
	"nfvm/classify"
)

// eachRule calls f for every rule of a table.
func eachRule(t *bytecode.Table, f func(*bytecode.Rule)) {
	for _, c := range t.Chains {
		for _, r := range c.Rules {
			f(r)
		}
	}
}

// trySkip has a rule skip expressions as well, if all of that can be proved.
func trySkip(t *bytecode.Table, r *bytecode.Rule, exprs ...int) bool {
	before := r.Skip
	skip := slices.Clone(before)
	for _, n := range exprs {
		skip = append(skip, uint32(n))
	}
	slices.Sort(skip)
	r.Skip = slices.Compact(skip)
	if classify.Check(t, r) != nil {
		r.Skip = before
		return false
	}
	return true
}
