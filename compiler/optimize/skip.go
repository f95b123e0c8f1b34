package optimize

import (
	"slices"

	"nfvm/bytecode"
	"nfvm/classify"
)

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
