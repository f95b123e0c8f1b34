package optimize

import "nfvm/bytecode"

// A Pass is one way to find annotations: of a rule by itself, or of a chain.
type Pass struct {
	Name  string
	What  string // in a few words
	rule  func(*bytecode.Table, *bytecode.Rule)
	chain func(*planner)
}

// Passes are all passes, in the order in which they run.
var Passes = []Pass{
	{Name: "deadtests", What: "skip tests that those before them imply", rule: deadTests},
	{Name: "loads", What: "skip costly loads whose register still holds the value", rule: loads},
	{Name: "dispatch", What: "index runs of rules, so that a packet looks only at those it can match", chain: dispatch},
}

// Run runs all passes on a program.
func Run(p *bytecode.Program) {
	for _, t := range p.Tables {
		s := NewSurvey()
		w := s.Worker(t)
		asks := make([][]Asks, len(t.Chains))
		for i, c := range t.Chains {
			for _, r := range c.Rules {
				asks[i] = append(asks[i], w.Rule(r))
			}
		}
		s.Chains(t, func(i int) []Asks { return asks[i] })
	}
}
