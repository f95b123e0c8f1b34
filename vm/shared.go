package vm

import (
	"slices"

	"nfvm/bytecode"
)

// Shared tells whether loading a program touches what belongs to the host and is
// in use by the rules in force: the lists of the match recent and the tables of
// hashlimit. Such a program can't be loaded while packets run.
func Shared(p *bytecode.Program) bool {
	touches := func(e bytecode.Expr) bool {
		x, ok := e.(*bytecode.XT)
		return ok && !x.Target && (x.Ext == "recent" || x.Ext == "hashlimit")
	}
	for _, t := range p.Tables {
		for _, c := range t.Chains {
			for _, r := range c.Rules {
				if slices.ContainsFunc(r.Exprs, touches) {
					return true
				}
			}
		}
	}
	return false
}
