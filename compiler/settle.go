package compiler

import (
	"nfvm/bytecode"
	"nfvm/compiler/optimize"
	"nfvm/lang"
)

// A settler takes rules to their last form: it numbers their sets, has them
// annotated, and makes those of a program that is only encoded small.
type settler struct {
	table  *tableState
	worker *optimize.Worker
	packer bytecode.Packer
}

// settle takes a rule, which later commands will not change, to its last form.
func (c *compiler) settle(t *tableState, r *ruleState) {
	s := &c.settler
	if s.table != t {
		s.table, s.worker = t, t.survey.Worker(t.Table)
	}
	numberSets(t, r.Exprs)
	if c.opt.Level > 0 {
		r.asks = s.worker.Rule(r.Rule)
	}
	if c.opt.Consume {
		s.packer.Pack(r.Rule)
	}
	r.settled = true
}

// settleEarly settles a rule before the end of the transaction, if nothing can
// change it: sets may get other numbers, chains other names. It reports whether
// the rule's expressions are no longer needed.
func (c *compiler) settleEarly(t *tableState, r *ruleState) bool {
	if !c.opt.Consume || len(r.sets) > 0 || len(r.jumps) > 0 && c.renames {
		return false
	}
	c.settle(t, r)
	return r.Exprs == nil
}

// settleTable settles the other rules of a table, when all of its sets are
// known, and annotates the chains.
func (c *compiler) settleTable(t *tableState) {
	var rest []*ruleState
	for _, ch := range t.chainList {
		for r := range ch.rules.all() {
			if !r.settled {
				rest = append(rest, r)
			}
		}
	}
	c.parallel(len(rest), func(w *compiler, i int) { w.settle(t, rest[i]) })
	if c.opt.Level == 0 {
		return
	}
	t.survey.Chains(t.Table, func(i int) []optimize.Asks {
		rules := &t.chainList[i].rules
		asks := make([]optimize.Asks, 0, rules.len())
		for r := range rules.all() {
			asks = append(asks, r.asks)
		}
		return asks
	})
}

func isRename(cmd lang.Command) bool {
	_, ok := cmd.(*lang.RenameCmd)
	return ok
}
