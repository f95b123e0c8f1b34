package optimize

import "nfvm/bytecode"

// A Pass is one way to find annotations.
type Pass struct {
	Name string
	What string // in a few words
	run  func(*bytecode.Table)
}

// Passes are all passes, in the order in which they run.
var Passes = []Pass{
	{"deadtests", "skip tests that those before them imply", deadTests},
	{"loads", "skip costly loads whose register still holds the value", loads},
	{"dispatch", "index runs of rules, so that a packet looks only at those it can match", dispatch},
}

// Run runs all passes on a program.
func Run(p *bytecode.Program) {
	for _, t := range p.Tables {
		eachRule(t, func(r *bytecode.Rule) { r.Skip = nil })
		for _, pass := range Passes {
			pass.run(t)
		}
	}
}
