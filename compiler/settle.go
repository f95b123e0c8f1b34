package compiler

import (
	"slices"

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
		for _, x := range r.sets {
			if x.anonymousSet() {
				s.packer.PackSet(x.Set)
			}
		}
	}
	r.settled = true
}

// settleEarly settles a rule before the end of the transaction, if nothing can
// change it: sets may get other numbers, chains other names. It reports whether
// the rule's expressions are no longer needed.
func (c *compiler) settleEarly(t *tableState, r *ruleState) bool {
	if !c.opt.Consume || len(r.sets) > 0 || len(r.jumps) > 0 && c.removes {
		return false
	}
	c.settle(t, r)
	return r.Exprs == nil
}

// settleSets settles those rules of a table that use anonymous sets only. What
// a named set holds is known at the end.
func (c *compiler) settleSets(t *tableState, rules []*ruleState) {
	if !c.opt.Consume || c.removes {
		return
	}
	named := func(s *setState) bool { return !s.anonymousSet() || s.meter }
	var ready []*ruleState
	for _, r := range rules {
		if !r.settled && !slices.ContainsFunc(r.sets, named) {
			ready = append(ready, r)
		}
	}
	for _, s := range t.setList.all()[len(t.Sets):] {
		s.index = len(t.Sets)
		t.Sets = append(t.Sets, s.Set)
	}
	c.parallel(len(ready), func(w *compiler, i int) { w.settle(t, ready[i]) })
	for _, r := range ready {
		r.forgetSets(t)
	}
}

// forgotten stands for all sets of rules of which only the bytecode is kept.
var forgotten = &setState{Set: &bytecode.Set{Flags: bytecode.SetAnonymous | bytecode.SetConstant}}

// forgetSets forgets sets that are settled and have nothing to say to the checks
// of the whole ruleset.
func (r *ruleState) forgetSets(t *tableState) {
	r.sets = slices.DeleteFunc(r.sets, func(s *setState) bool {
		s.learn, s.keys = nil, nil
		if s.DataType == dataTypeVerdict {
			return false
		}
		t.sets[s.Name] = forgotten
		t.setList.list[s.index] = forgotten
		return true
	})
	if len(r.sets)+len(r.jumps)+len(r.objs)+len(r.flows)+len(r.places) == 0 {
		r.refs = &noRefs
	}
}

// settleTable settles the other rules of a table, when all of its sets are
// known, and annotates the chains.
func (c *compiler) settleTable(t *tableState) {
	var rest []*ruleState
	for _, ch := range t.chainList.all() {
		for r := range ch.rules.All() {
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
		rules := &t.chainList.all()[i].rules
		asks := make([]optimize.Asks, 0, rules.Len())
		for r := range rules.All() {
			asks = append(asks, r.asks)
		}
		return asks
	})
}

// removes reports whether some command may change rules that stand already.
func removes(files []*lang.File) bool {
	rules := false
	for _, f := range files {
		for _, cmd := range f.Commands {
			switch cmd := cmd.(type) {
			case *lang.TableCmd:
				if cmd.Body != nil {
					rules = true
					continue
				}
			case *lang.ChainCmd:
				if cmd.Body != nil {
					rules = true
					continue
				}
			case *lang.RuleCmd:
				rules = true
			}
			if rules && !adds(cmd) {
				return true
			}
		}
	}
	return false
}

// adds reports whether a command only adds something.
func adds(cmd lang.Command) bool {
	var v lang.Verb
	switch cmd := cmd.(type) {
	case *lang.TableCmd:
		v = cmd.Verb
	case *lang.ChainCmd:
		v = cmd.Verb
	case *lang.RuleCmd:
		v = cmd.Verb
	case *lang.SetCmd:
		v = cmd.Verb
	case *lang.ElementCmd:
		return true
	case *lang.ObjectCmd:
		v = cmd.Verb
	case *lang.FlowtableCmd:
		v = cmd.Verb
	default:
		return false
	}
	return v == lang.VerbAdd || v == lang.VerbCreate || v == lang.VerbInsert
}
