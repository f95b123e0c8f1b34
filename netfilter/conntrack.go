package netfilter

import (
	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/vm"
)

// equip gives the connection table what a ruleset asks of it: counters when a
// rule reads them, which then stay on, and labels when a rule sets them. Where
// tracking was off for a family, established flows learn their windows anew.
func (e *Engine) equip(p *bytecode.Program, old, rs *vm.Ruleset) {
	e.ct.UseLabels = false
	for _, t := range p.Tables {
		for _, c := range t.Chains {
			for _, r := range c.Rules {
				for _, x := range r.Exprs {
					e.equipFor(x)
				}
			}
		}
	}
	for _, f := range []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6} {
		if rs.UsesConntrack(f) && (old == nil || !old.UsesConntrack(f)) {
			e.ct.RelearnWindows(f)
		}
	}
}

func (e *Engine) equipFor(x bytecode.Expr) {
	switch x := x.(type) {
	case *bytecode.CT:
		switch x.Key {
		case bytecode.CTPkts, bytecode.CTBytes, bytecode.CTAvgPkt:
			e.ct.Sysctl.Acct = true
		}
	case *bytecode.CTSet:
		if x.Key == bytecode.CTLabels {
			e.ct.UseLabels = true
		}
	}
}
