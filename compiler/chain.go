package compiler

import (
	"nfvm/bytecode"
	"nfvm/lang"
	"nfvm/nf"
)

func (c *compiler) chainCmd(cmd *lang.ChainCmd) {
	t := c.tableOf(cmd.Path)
	if t == nil {
		return
	}
	switch cmd.Verb {
	case lang.VerbDelete, lang.VerbDestroy:
		c.deleteChain(t, cmd)
		return
	}
	body := cmd.Body
	if body == nil {
		body = &lang.Chain{Pos: cmd.Pos}
	}
	if c.declareChain(t, body, cmd.Path.Name, cmd.Verb == lang.VerbCreate) != nil {
		c.addRules(t, t.chains[cmd.Path.Name.Text], body.Rules)
	}
}

func (c *compiler) deleteChain(t *tableState, cmd *lang.ChainCmd) {
	name := cmd.Path.Name
	ch := t.chains[name.Text]
	if cmd.Path.Handle.Set() && !name.Set() {
		ch = t.chainList.find(cmd.Path.Handle.Value)
	}
	if ch == nil {
		if gone(cmd.Verb) {
			c.noChain(name.Span, t, name.Text)
		}
		return
	}
	if ch.uses > 0 {
		c.refuse(name.Span, ebusy, "chain %s is the target of a jump or of a map element", ch.Name)
		return
	}
	ch.flush()
	delete(t.chains, ch.Name)
	t.chainList.remove(ch)
}

// declareChain makes a chain or, if it exists, checks and changes what may
// change: the policy.
func (c *compiler) declareChain(t *tableState, b *lang.Chain, name lang.Word, create bool) *chainState {
	base, ok := c.baseChain(t, b, name)
	if !ok {
		// Let its rules be checked: the mistake is in the head.
		base = nil
	}
	if ch := t.chains[name.Text]; ch != nil {
		if create {
			declaredAt(c.refuse(name.Span, eexist, "chain %s exists", name.Text), ch.at)
			return nil
		}
		c.redeclareChain(ch, b, base, name)
		return ch
	}
	if !c.checkName(name.Span, name.Text) {
		return nil
	}
	ch := &chainState{
		Chain: &bytecode.Chain{Name: name.Text, Handle: t.nextHandle(), Base: base, Pos: c.pos.at(name.Span)},
		table: t, at: name.Span, broken: !ok || b.Broken,
	}
	if b.Comment.Set() {
		ch.Comment = c.comment(b.Comment)
	}
	if base != nil {
		c.st.chainOrder++
		ch.Order = c.st.chainOrder
		ch.devices.add(base.Devices)
	}
	if base == nil && ok && b.Policy != nil && !b.Broken {
		c.refuse(b.Policy.At(), eopnotsupp, "only a base chain has a policy")
	}
	t.chains[ch.Name] = ch
	t.chainList.add(ch)
	return ch
}

func (c *compiler) redeclareChain(ch *chainState, b *lang.Chain, base *bytecode.BaseChain, name lang.Word) {
	if ch.broken || b.Broken {
		return
	}
	if ch.Base == nil && b.Policy != nil {
		c.refuse(b.Policy.At(), eopnotsupp, "only a base chain has a policy")
		return
	}
	if base != nil {
		c.redeclareBase(ch, base, name)
		return
	}
	if b.Policy == nil || b.Hook != nil {
		return
	}
	if v, ok := c.policy(b.Policy); ok {
		ch.Base.Policy, ch.Base.PolicySet = v, true
	}
}

// redeclareBase changes the policy of a base chain and adds devices to it.
func (c *compiler) redeclareBase(ch *chainState, base *bytecode.BaseChain, name lang.Word) {
	old := ch.Base
	switch {
	case old == nil:
		declaredAt(c.refuse(name.Span, eexist, "chain %s is not a base chain", ch.Name), ch.at)
		return
	case old.Hook != base.Hook, old.Priority != base.Priority:
		declaredAt(c.refuse(name.Span, eopnotsupp, "chain %s is at hook %s with priority %d", ch.Name, old.Hook, old.Priority), ch.at)
		return
	case old.Type != base.Type:
		declaredAt(c.refuse(name.Span, eexist, "chain %s is of type %s", ch.Name, old.Type), ch.at)
		return
	case base.PolicySet:
		old.Policy, old.PolicySet = base.Policy, true
	}
	ch.devices.add(base.Devices)
}

// baseChain reads `type … hook … priority …` with the policy and devices; nil
// for a regular chain, false if there was a mistake.
func (c *compiler) baseChain(t *tableState, b *lang.Chain, name lang.Word) (*bytecode.BaseChain, bool) {
	c.chainFlags(t, b)
	h := b.Hook
	if h == nil {
		return nil, true
	}
	base := &bytecode.BaseChain{Policy: nf.Accept}
	typ, ok := c.chainType(h.Type)
	base.Type = typ
	hook, known := nf.ParseHook(h.Hook.Text)
	if !known {
		c.errorf(h.Hook.Span, "unknown chain hook%s", orKnown(h.Hook.Text, []string{
			"prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"}))
		return nil, false
	}
	if !nf.HasHook(t.Family, hook) {
		c.errorf(h.Hook.Span, "The %s family does not support this hook", t.Family)
		return nil, false
	}
	base.Hook = hook
	if h.Priority != nil {
		prio, good := c.priority(h.Priority, t.Family, hook)
		base.Priority, ok = prio, ok && good
	}
	devices, good := c.chainDevices(b, hook)
	base.Devices, ok = devices, ok && good
	if b.Policy != nil {
		v, good := c.policy(b.Policy)
		base.Policy, base.PolicySet, ok = v, good, ok && good
	}
	return base, ok && c.checkBase(t, b, name, base)
}

func (c *compiler) chainFlags(t *tableState, b *lang.Chain) {
	for _, f := range b.Flags {
		switch {
		case f.Text == "offload" && t.Family == nf.FamilyNetdev:
			c.diags.Warnf(f.Span, "hardware offload has no effect here")
		case f.Text == "offload":
			c.refuse(f.Span, eopnotsupp, "only chains of family netdev are offloaded")
		default:
			c.errorf(f.Span, "unknown chain flag %s%s", f.Text, orKnown(f.Text, []string{"offload"}))
		}
	}
}

func (c *compiler) chainType(w lang.Word) (nf.ChainType, bool) {
	switch w.Text {
	case "filter":
		return nf.ChainTypeFilter, true
	case "nat":
		return nf.ChainTypeNAT, true
	case "route":
		return nf.ChainTypeRoute, true
	}
	c.errorf(w.Span, "unknown chain type%s", orKnown(w.Text, []string{"filter", "nat", "route"}))
	return nf.ChainTypeFilter, false
}

// policy reads a chain's policy: a word, or a variable that holds one.
func (c *compiler) policy(e lang.Expr) (nf.Verdict, bool) {
	switch s := resolve(e).(type) {
	case *lang.Symbol:
		switch s.Text {
		case "accept":
			return nf.Accept, true
		case "drop":
			return nf.Drop, true
		}
		c.errorf(e.At(), "invalid policy expression %s%s", s.Text, orKnown(s.Text, []string{"accept", "drop"}))
	case *lang.Verdict:
		if s.Kind == lang.VerdictAccept {
			return nf.Accept, true
		}
		if s.Kind == lang.VerdictDrop {
			return nf.Drop, true
		}
		c.errorf(e.At(), "invalid policy expression: accept or drop is needed")
	case nil:
	default:
		c.errorf(e.At(), "invalid policy expression: accept or drop is needed")
	}
	return nf.Accept, false
}
