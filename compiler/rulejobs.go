package compiler

import (
	"runtime"
	"slices"

	"nfvm/lang"
	"nfvm/nf"
)

// A ruleJob is a rule to be compiled at the end of a chain, nil for a chain that
// is missing.
type ruleJob struct {
	table *tableState
	chain *chainState
	rule  *lang.Rule
}

// rulesOf appends the rules of a chain block.
func (c *compiler) rulesOf(jobs []ruleJob, t *tableState, ch *chainState, rules []*lang.Rule) []ruleJob {
	jobs = slices.Grow(jobs, len(rules))
	for _, b := range rules {
		jobs = append(jobs, ruleJob{t, ch, b})
	}
	if c.opt.Consume {
		clear(rules)
	}
	return jobs
}

// ruleRun takes the commands at the start of in that append a rule to a chain.
func (c *compiler) ruleRun(in []lang.Command) (jobs []ruleJob) {
	for _, cmd := range in {
		b, ok := cmd.(*lang.RuleCmd)
		if !ok || b.Verb != lang.VerbAdd || b.Place != lang.PlaceNone {
			break
		}
		f, _ := nf.ParseFamily(b.Path.FamilyName())
		t := c.st.table(f, b.Path.Table.Text)
		if t == nil || t.chains[b.Path.Name.Text] == nil {
			break
		}
		jobs = append(jobs, ruleJob{t, t.chains[b.Path.Name.Text], b.Rule})
	}
	return jobs
}

const (
	minAhead  = 64   // rules that are worth other processors
	jobsAhead = 8192 // rules that are compiled before the first of them gets its turn
)

// ruleJobs compiles rules, each with the state that those before it leave. What
// can be is done ahead of a rule's turn, on all processors.
func (c *compiler) ruleJobs(jobs []ruleJob) {
	for batch := range slices.Chunk(jobs, jobsAhead) {
		done := c.workAhead(batch)
		for i := range batch {
			j := &batch[i]
			var r *ruleState
			if done != nil && done[i] != nil {
				r = done[i]
				c.enter(j.table, j.chain, r)
			} else {
				r = c.compileRule(j.table, j.chain, j.rule)
			}
			if r != nil && j.chain != nil {
				j.chain.rules = append(j.chain.rules, r)
			}
			j.rule = nil
		}
	}
}

// workAhead compiles those rules that change nothing but what can wait. It gives
// nil for the others, and for those with mistakes, which are to be reported in
// order. While it runs the state of the transaction does not change.
func (c *compiler) workAhead(jobs []ruleJob) []*ruleState {
	if len(jobs) < minAhead || runtime.GOMAXPROCS(0) < 2 || c.ahead {
		return nil
	}
	done := make([]*ruleState, len(jobs))
	c.parallel(len(jobs), func(w *compiler, i int) { done[i] = w.tryRule(jobs[i]) })
	return done
}

// tryRule compiles a rule ahead of its turn, nil if that cannot be.
func (c *compiler) tryRule(j ruleJob) *ruleState {
	c.left = false
	r := c.evalRule(j.table, j.chain, j.rule)
	if c.left || c.pos.strange || len(c.diags.Items) > 0 {
		c.pos.strange, c.diags.Items = false, nil
		return nil
	}
	if r != nil {
		c.settleEarly(j.table, r)
	}
	return r
}

// leave leaves a rule that changes the state of the transaction for its turn.
func (r *rule) leave() bool {
	if r.ahead {
		r.left, r.failed = true, true
	}
	return r.ahead
}
