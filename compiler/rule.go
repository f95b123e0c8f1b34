package compiler

import (
	"slices"

	"nfvm/lang"
)

func (c *compiler) ruleCmd(cmd *lang.RuleCmd) {
	t := c.tableOf(cmd.Path)
	if t == nil {
		return
	}
	name := cmd.Path.Name
	ch := t.chains[name.Text]
	if ch == nil {
		c.noChain(name.Span, t, name.Text)
		if cmd.Rule != nil {
			c.compileRule(t, nil, cmd.Rule)
		}
		return
	}
	at, ok := c.rulePlace(ch, cmd)
	if !ok {
		return
	}
	switch cmd.Verb {
	case lang.VerbDelete, lang.VerbDestroy:
		ch.dropRule(ch.rules.At(at))
		ch.rules.remove(at)
		return
	}
	r := c.compileRule(t, ch, cmd.Rule)
	if r == nil {
		return
	}
	if cmd.Verb == lang.VerbReplace {
		// The new rule takes the handle of the old one.
		r.Handle = ch.rules.At(at).Handle
		t.handles--
		ch.dropRule(ch.rules.At(at))
		ch.rules.set(at, r)
		return
	}
	ch.insert(at, r)
}

// rulePlace gives the index at which a rule goes in, or which it means.
func (c *compiler) rulePlace(ch *chainState, cmd *lang.RuleCmd) (int, bool) {
	existing := cmd.Verb == lang.VerbDelete || cmd.Verb == lang.VerbDestroy || cmd.Verb == lang.VerbReplace
	switch cmd.Place {
	case lang.PlaceNone:
		if existing {
			c.errorf(cmd.Span, "the handle of a rule is needed")
			return 0, false
		}
		if cmd.Verb == lang.VerbInsert {
			return 0, true
		}
		return ch.rules.Len(), true
	case lang.PlaceIndex:
		if cmd.Number.Value >= uint64(ch.rules.Len()) {
			c.refuse(cmd.Number.Span, enoent, "chain %s has %d rules", ch.Name, ch.rules.Len())
			return 0, false
		}
		return int(cmd.Number.Value) + after(cmd.Verb), true
	}
	if i := ch.rules.find(cmd.Number.Value); i >= 0 {
		if existing {
			return i, true
		}
		return i + after(cmd.Verb), true
	}
	if cmd.Verb != lang.VerbDestroy {
		c.refuse(cmd.Number.Span, enoent, "chain %s has no rule with handle %d", ch.Name, cmd.Number.Value)
	}
	return 0, false
}

// after is 1 for verbs that place behind the rule named.
func after(v lang.Verb) int {
	if v == lang.VerbAdd || v == lang.VerbCreate {
		return 1
	}
	return 0
}

// addRules compiles rules and appends them to a chain, nil for one that is
// missing.
func (c *compiler) addRules(t *tableState, ch *chainState, rules []*lang.Rule) {
	c.ruleJobs(c.rulesOf(nil, t, ch, rules))
}

// compileRule compiles a rule and gives it its handle; nil if it has a mistake.
func (c *compiler) compileRule(t *tableState, ch *chainState, b *lang.Rule) *ruleState {
	r := c.evalRule(t, ch, b)
	if r != nil {
		c.enter(t, ch, r)
	}
	return r
}

// evalRule gives the rule's bytecode, nil if it has a mistake. What it changes
// in the transaction waits in the rule for enter.
func (c *compiler) evalRule(t *tableState, ch *chainState, b *lang.Rule) *ruleState {
	out := c.newState()
	out.Pos, out.Text, out.Order = c.pos.at(b.Span), c.pos.text(b.Span), c.st.chainOrder
	if b.Text != "" {
		out.Text = b.Text
	}
	w := c.newRule(t, ch, out)
	unused := false
	defer func() { c.release(w, unused) }()
	r, l := &w.rule, &w.lin
	if b.Comment.Set() {
		out.Comment = c.comment(b.Comment)
	}
	var last lang.Stmt
	for _, s := range b.Stmts {
		if last != nil && terminal(last) {
			r.errorf(s.At(), "Statement after terminal statement has no effect").Note(last.At(), "")
			break
		}
		r.statement(s)
		last = s
	}
	if r.failed {
		return nil
	}
	r.mergeLoads()
	l.begin(b.Span)
	for _, s := range r.stmts {
		s.write(l)
	}
	if r.failed {
		return nil
	}
	if len(l.out) > maxExprs {
		c.refuse(b.Span, einval, "a rule has at most %d expressions", maxExprs)
		return nil
	}
	out.refs = w.refs.keep()
	out.Exprs, out.ExprPos = l.out, l.at
	if unused = c.settleEarly(t, out); !unused {
		out.Exprs, out.ExprPos = slices.Clone(l.out), slices.Clone(l.at)
	}
	return out
}

// maxExprs is the kernel's limit of expressions a rule (NFT_RULE_MAXEXPRS).
const maxExprs = 128
