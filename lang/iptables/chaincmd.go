package iptables

import (
	"slices"
	"strings"

	"nfvm/nf"
)

func (p *parser) newChain(c *call) {
	if len(c.args) == 0 {
		p.diags.Errorf(c.name.span, "%s needs the name of a chain", c.name.text)
		return
	}
	policy := c.args[1:]
	if p.dialect.userPolicy == nil || len(policy) != 2 || policy[0].text != "-P" {
		p.extra(policy)
		policy = nil
	}
	switch w := c.args[0]; {
	case p.cur.chains[w.text] != nil || p.dialect.builtinOf(p.cur.name, w.text) != nil:
		p.diags.Errorf(w.span, "chain %s exists", w.text)
	default:
		if why := p.dialect.badChainName(w.text, p.family); why != "" {
			p.diags.Errorf(w.span, "%s", why)
		}
		ch := p.cur.chain(w, true)
		if policy != nil {
			p.setPolicy(ch, policy[1])
		}
	}
}

// badChainName says why -N makes no chain of iptables that is called like this,
// "" if it may; a line `:NAME -` takes most of these names.
func (d *dialect) badChainName(name string, family nf.Family) string {
	switch {
	case !d.commits || slices.Contains(d.verdicts(), name): // seen to with all names
		return ""
	case strings.HasPrefix(name, "-") || strings.HasPrefix(name, "!"):
		return "a chain's name does not start with " + name[:1]
	case strings.ContainsAny(name, " \t"):
		return "a chain's name has no blanks"
	case findExtension(d.targets, name, family) != nil:
		return "no chain is called " + name + ", which is a target"
	}
	return ""
}

// verdicts are the targets that are no extensions.
func (d *dialect) verdicts() []string {
	if d.userPolicy != nil {
		return []string{"ACCEPT", "DROP", "RETURN", "CONTINUE"}
	}
	return []string{"ACCEPT", "DROP", "RETURN", "QUEUE"}
}

// deleteChain deletes an empty chain of the user, or all of them.
func (p *parser) deleteChain(c *call) {
	t := p.cur
	if len(c.args) == 0 {
		for _, ch := range slices.Collect(t.list.All()) {
			if ch.base == nil {
				p.removable(c.name, ch)
			}
		}
		return
	}
	ch := p.target(c)
	p.extra(c.rest)
	if ch != nil {
		p.removable(c.chain, ch)
	}
}

// removable removes a chain, if it may be.
func (p *parser) removable(at word, ch *chain) {
	t := p.cur
	switch {
	case ch.base != nil:
		p.diags.Errorf(at.span, "%s is a built-in chain", ch.name.text)
	case ch.rules.Len() > 0:
		p.diags.Errorf(at.span, "chain %s is not empty", ch.name.text)
	default:
		if from := t.caller(ch); from != nil {
			p.diags.Errorf(at.span, "a rule of chain %s goes to chain %s", from.name.text, ch.name.text)
			return
		}
		delete(t.chains, ch.name.text)
		t.list.Remove(t.list.Index(ch))
	}
}

func (p *parser) flush(c *call) {
	if len(c.args) > 0 {
		ch := p.target(c)
		p.extra(c.rest)
		if ch != nil {
			p.cur.empty(ch)
		}
		return
	}
	for _, ch := range p.cur.filled {
		p.cur.empty(ch)
	}
	p.cur.filled = nil
}

// zero checks what -Z is given; the counters of rules stay as they are written,
// as only those of the kernel would be zeroed before them.
func (p *parser) zero(c *call) {
	if len(c.args) == 0 {
		return
	}
	ch := p.target(c)
	c.ruleNumber()
	if ch != nil && c.number > ch.rules.Len() {
		p.diags.Errorf(c.numberAt.span, "chain %s has %d rules", ch.name.text, ch.rules.Len())
	}
	p.extra(c.rest)
}

func (p *parser) policy(c *call) {
	ch := p.target(c)
	switch {
	case ch == nil:
	case len(c.rest) == 0:
		p.diags.Errorf(c.name.span, "%s needs a policy: ACCEPT or DROP", c.name.text)
	default:
		p.setPolicy(ch, c.rest[0])
		p.extra(c.rest[1:])
	}
}

// rename is refused: iptables-save prints no such command.
func (p *parser) rename(c *call) {
	p.diags.Errorf(c.name.span, "renaming a chain is not supported in a file: declare it by its new name")
}
