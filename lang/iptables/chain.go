package iptables

import (
	"slices"

	"nfvm/diag"
	"nfvm/internal/sequence"
	"nfvm/lang"
)

// A table is what one transaction makes of a table.
type table struct {
	*parser
	name    string
	span    diag.Span
	implied bool // the line that starts it is missing
	chains  map[string]*chain
	list    sequence.List[*chain] // in order of declaration
	number  int                   // of chains so far
	filled  []*chain              // those that may have rules
	callers callers               // nil: nobody asked
	sets    []*lang.Set
	objects []*lang.Object
}

// A chain is a chain with its rules.
type chain struct {
	name   word
	base   *builtin
	policy word
	rules  ruleList
	number int // in order of declaration
}

// A rule is one rule of the kernel: a line with several addresses makes
// several.
type rule struct {
	words string // as written, behind the chain, see joinWords
	tree  *lang.Rule
	jumps []jump
	needs []need
	// broken: a mistake has been reported, and the compiler need not find it
	// again.
	broken bool
}

// A jump is a use of a chain by a rule.
type jump struct {
	chain string
	at    diag.Span
	early bool // the chain was not known yet
	goTo  bool
}

// A need is the set of hooks that an extension may be used in.
type need struct {
	what  string
	hooks hookMask
	at    diag.Span
}

// chainLine reads `:NAME POLICY [packets:bytes]`.
func (p *parser) chainLine(words []word) {
	name := words[0]
	name.text, name.span.Start = name.text[1:], name.span.Start+1
	if len(words) < 2 {
		p.diags.Errorf(name.span, "a policy is missing: ACCEPT or DROP, or - for a chain of the user")
		p.cur.chain(name, true)
		return
	}
	c := p.cur.chain(name, true)
	p.setPolicy(c, words[1])
}

// setPolicy gives a chain its policy; `-` leaves it.
func (p *parser) setPolicy(c *chain, w word) {
	switch {
	case w.text == "-":
	case c.base == nil && p.dialect.userPolicy[w.text]:
		c.policy = w
	case w.text != "ACCEPT" && w.text != "DROP":
		p.diags.Errorf(w.span, "unknown policy %s%s", w.text, didYouMean(w.text, []string{"ACCEPT", "DROP"}))
	case c.base == nil:
		p.diags.Errorf(w.span, "only a built-in chain has a policy, %s is none of table %s", c.name.text, p.cur.name)
	default:
		c.policy = w
	}
}

// maxChainName is the kernel's XT_EXTENSION_MAXNAMELEN less the closing zero.
const maxChainName = 28

// maxNftName is what nft has (NFT_NAME_MAXLEN).
const maxNftName = 255

// mostName is how long the name of a chain may be: that of ebtables what nft has.
func (d *dialect) mostName() int {
	if d.userPolicy != nil {
		return maxNftName
	}
	return maxChainName
}

// chain finds a chain of the table; a built-in chain, and with create any, is
// made if it is new.
func (t *table) chain(name word, create bool) *chain {
	if c := t.chains[name.text]; c != nil {
		return c
	}
	base := t.dialect.builtinOf(t.name, name.text)
	if base == nil && !create {
		return nil
	}
	switch {
	case base != nil:
	case len(name.text) > t.dialect.mostName() || name.text == "":
		t.diags.Errorf(name.span, "a chain's name has 1 to %d characters", t.dialect.mostName())
	case t.dialect.userPolicy == nil && slices.Contains(t.dialect.verdicts(), name.text):
		t.diags.Errorf(name.span, "no chain is called %s, which is a target", name.text)
	}
	t.number++
	c := &chain{name: name, base: base, number: t.number}
	t.chains[name.text] = c
	t.list.Append(c)
	return c
}

// chainNames are the names of the table's chains, for suggestions.
func (t *table) chainNames(yield func(string) bool) {
	for name := range t.chains {
		if !yield(name) {
			return
		}
	}
	for _, b := range t.dialect.tables[t.name] {
		if !yield(b.name) {
			return
		}
	}
}

// finish checks what only the whole table shows: that chains exist, and that
// each extension is used where it may be.
func (t *table) finish() {
	for c := range t.list.All() {
		for r := range c.rules.All() {
			for _, j := range r.jumps {
				t.checkJump(r, j)
			}
		}
	}
	for c := range t.list.All() {
		if c.base != nil {
			t.checkHooks(c, 1<<c.base.hook, c, map[*chain]bool{})
		}
	}
}

// checkJump reports a jump to what is no chain of the user.
func (t *table) checkJump(r *rule, j jump) {
	target := t.chains[j.chain]
	switch {
	case target == nil && t.dialect.builtinOf(t.name, j.chain) == nil && j.goTo:
		t.diags.Errorf(j.at, "table %s has no chain %s to go to%s", t.name, j.chain, t.nearChain(j.chain, t.chainNames))
	case target == nil && t.dialect.builtinOf(t.name, j.chain) == nil:
		t.diags.Errorf(j.at, "unknown target or chain %s%s", j.chain,
			t.nearChain(j.chain, t.chainNames, slices.Values(t.dialect.targetNames())))
	case target == nil || target.base != nil:
		t.diags.Errorf(j.at, "%s is a built-in chain: only chains of the user are jumped to", j.chain)
	case j.early && t.dialect.commits:
		t.diags.Errorf(j.at, "chain %s is declared below: it must be declared before it is used", j.chain).Note(target.name.span, "")
	default:
		return
	}
	r.broken = true
}

// checkHooks walks the chains that are reached from a hook.
func (t *table) checkHooks(c *chain, hook hookMask, from *chain, seen map[*chain]bool) {
	seen[c] = true
	for r := range c.rules.All() {
		for _, n := range r.needs {
			if n.hooks&hook == 0 {
				r.broken = true
				t.diags.Errorf(n.at, "%s can't be used in %s, only in %s%s", n.what, from.name.text, list(n.hooks.chainNames()), via(c, from))
			}
		}
		for _, j := range r.jumps {
			if next := t.chains[j.chain]; next != nil && !seen[next] {
				t.checkHooks(next, hook, from, seen)
			}
		}
	}
}

func via(c, from *chain) string {
	if c == from {
		return ""
	}
	return ": chain " + c.name.text + " is reached from there"
}

// command gives the table as nft's command for it.
func (t *table) command() lang.Command {
	at := lang.Pos{Span: t.span}
	body := &lang.TableBlock{Pos: at}
	for _, o := range t.objects {
		body.Items = append(body.Items, o)
	}
	for _, s := range t.sets {
		body.Items = append(body.Items, s)
	}
	for c := range t.list.All() {
		body.Items = append(body.Items, c.block())
	}
	return &lang.TableCmd{Pos: at, Body: body, Path: lang.Path{
		Family: lang.Word{Pos: at, Text: t.family.String()},
		Table:  lang.Word{Pos: at, Text: t.name},
	}}
}

// block gives the chain as nft's block of it.
func (c *chain) block() *lang.Chain {
	at := lang.Pos{Span: c.name.span}
	b := &lang.Chain{Pos: at, Name: lang.Word{Pos: at, Text: c.name.text}}
	if c.base != nil {
		prio := c.base.priority
		n := lang.Number{Pos: at, Value: uint64(max(prio, -prio))}
		b.Hook = &lang.Hook{Pos: at, Classic: true, Type: lang.Word{Pos: at, Text: c.base.typ},
			Hook:     lang.Word{Pos: at, Text: c.base.hook.String()},
			Priority: &lang.Priority{Pos: at, Base: &n, Negative: prio < 0}}
		policy := "accept"
		if c.policy.text == "DROP" {
			policy = "drop"
		}
		b.Policy = &lang.Symbol{Pos: at, Text: policy}
	}
	for r := range c.rules.All() {
		if !r.broken {
			b.Rules = append(b.Rules, r.tree)
		}
	}
	if c.base == nil {
		b.Rules = append(b.Rules, c.policyRule()...)
	}
	return b
}

// policyRule is the last rule of a chain of the user that has a policy, which
// ebtables has and nft has not.
func (c *chain) policyRule() []*lang.Rule {
	kinds := map[string]lang.VerdictKind{"ACCEPT": lang.VerdictAccept, "DROP": lang.VerdictDrop}
	kind, ok := kinds[c.policy.text]
	if !ok {
		return nil
	}
	b := build{c.policy.span}
	return []*lang.Rule{{Pos: b.pos(), Stmts: []lang.Stmt{&lang.Counter{Pos: b.pos()}, b.end(kind, "")}}}
}
