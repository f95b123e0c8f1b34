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
	minAhead   = 64   // rules that are worth other processors
	rulesAhead = 4096 // rules that are compiled before the first of them gets its turn
)

// A ready is what work ahead made of a job: a rule, or those of a run. Those that
// are missing must be compiled in their turn.
type ready struct {
	one *ruleState
	run []readyRule
}

type readyRule struct {
	state *ruleState
	rule  *lang.Rule // if there is no state
}

// ruleJobs compiles rules, each with the state that those before it leave. What
// can be is done ahead of a rule's turn, on all processors.
func (c *compiler) ruleJobs(jobs []ruleJob) {
	rest := map[*tableState][]*ruleState{} // not settled yet
	take := func(j *ruleJob, r *ruleState, b *lang.Rule) {
		if r = c.takeTurn(j, r, b); r != nil && !r.settled {
			rest[j.table] = append(rest[j.table], r)
		}
	}
	for len(jobs) > 0 {
		batch := nextBatch(jobs)
		jobs = jobs[len(batch):]
		done := c.workAhead(batch)
		for i := range batch {
			j := &batch[i]
			var d ready
			if done != nil {
				d = done[i]
			}
			switch {
			case d.run == nil && j.rule.Later != nil:
				d.run = c.parseRun(j.rule.Later)
				fallthrough
			case d.run != nil:
				for _, r := range d.run {
					take(j, r.state, r.rule)
				}
			default:
				take(j, d.one, j.rule)
			}
			j.rule = nil
		}
		for t, rules := range rest {
			c.settleSets(t, rules)
		}
		clear(rest)
	}
}

// nextBatch takes some jobs from the start.
func nextBatch(jobs []ruleJob) []ruleJob {
	rules := 0
	for i := range jobs {
		if rules++; jobs[i].rule.Later != nil {
			rules += lang.RunRules
		}
		if rules >= rulesAhead {
			return jobs[:i+1]
		}
	}
	return jobs
}

// takeTurn appends a rule to its chain, and compiles it if that was not done.
func (c *compiler) takeTurn(j *ruleJob, r *ruleState, b *lang.Rule) *ruleState {
	if r != nil {
		c.enter(j.table, j.chain, r)
	} else {
		r = c.compileRule(j.table, j.chain, b)
	}
	if r != nil && j.chain != nil {
		j.chain.insert(j.chain.rules.Len(), r)
	}
	return r
}

// parseRun parses rules in their turn.
func (c *compiler) parseRun(run *lang.RuleRun) []readyRule {
	rules, list := run.Rules()
	c.diags.Append(list)
	out := make([]readyRule, len(rules))
	for i, b := range rules {
		out[i].rule = b
	}
	return out
}

// workAhead compiles those rules that change nothing but what can wait. It
// leaves the others, and those with mistakes, which are to be reported in
// order. While it runs the state of the transaction does not change.
func (c *compiler) workAhead(jobs []ruleJob) []ready {
	if len(jobs) < minAhead && jobs[0].rule.Later == nil || runtime.GOMAXPROCS(0) < 2 || c.ahead {
		return nil
	}
	done := make([]ready, len(jobs))
	c.parallel(len(jobs), func(w *compiler, i int) {
		if run := jobs[i].rule.Later; run != nil {
			done[i].run = w.tryRun(jobs[i], run)
		} else {
			done[i].one = w.tryRule(jobs[i], jobs[i].rule)
		}
	})
	return done
}

// tryRun parses a run and compiles its rules; nil if there are mistakes.
func (c *compiler) tryRun(j ruleJob, run *lang.RuleRun) []readyRule {
	rules, list := run.Rules()
	if len(list.Items) > 0 {
		return nil
	}
	out := make([]readyRule, len(rules))
	for i, b := range rules {
		if out[i].state = c.tryRule(j, b); out[i].state == nil {
			out[i].rule = b
		}
	}
	return out
}

// tryRule compiles a rule ahead of its turn, nil if that cannot be.
func (c *compiler) tryRule(j ruleJob, b *lang.Rule) *ruleState {
	c.left = false
	r := c.evalRule(j.table, j.chain, b)
	if c.left || c.pos.strange || len(c.diags.Items) > 0 {
		c.pos.strange, c.diags.Items = false, nil
		return nil
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
