package compiler

import (
	"strings"

	"nfvm/bytecode"
)

// A listed is one thing that `nft --debug=netlink` prints, in command order: a
// set's declaration, elements, or a rule. Text is made on demand.
type listed struct {
	table *tableState
	set   *bytecode.Set
	elems []bytecode.Element
	decl  bool
	state *setState // of a declaration
	chain string
	rule  *bytecode.Rule
}

// Listing gives the text of `nft --debug=netlink -c -f` for the transaction:
// sets, elements and rules in the order of the commands.
// It is empty after a compilation that consumed its files.
func (r *Result) Listing() string {
	var b strings.Builder
	if r.compiler == nil {
		return ""
	}
	for i := range r.compiler.listing {
		l := r.compiler.listed(i)
		switch {
		case l.rule != nil:
			b.WriteString(bytecode.RuleListing(l.table.Family, l.table.Name, l.chain, l.rule))
		case l.decl:
			head := *l.set
			head.Elements = l.elems
			b.WriteString(bytecode.SetListing(l.table.Name, &head))
		default:
			b.WriteString(bytecode.ElementsListing(l.table.Name, l.set, l.elems))
		}
	}
	return b.String()
}

// listSet notes a declaration. The elements of an anonymous set go with it;
// those of a set of intervals do, too, even if later commands add them.
func (c *compiler) listSet(t *tableState, s *setState, elems []bytecode.Element) {
	if s.listed = -1; c.opt.Consume {
		return
	}
	s.listed = len(c.listing)
	c.listing = append(c.listing, listed{table: t, set: s.Set, elems: elems, decl: true, state: s})
}

func (c *compiler) listElements(t *tableState, s *setState, elems []bytecode.Element) {
	if len(elems) > 0 && !c.opt.Consume {
		c.listing = append(c.listing, listed{table: t, set: s.Set, elems: elems})
	}
}

func (c *compiler) listRule(t *tableState, chain string, r *bytecode.Rule) {
	if !c.opt.Consume {
		c.listing = append(c.listing, listed{table: t, chain: chain, rule: r})
	}
}

// listed gives one thing of the listing; a declared interval set has the
// elements that all commands gave it.
func (c *compiler) listed(i int) listed {
	l := c.listing[i]
	if l.decl && l.state.interval() && !l.state.anonymousSet() {
		r := &rule{compiler: c, table: l.table}
		l.elems = r.repeated(l.state, r.intervals(l.state).rows(true), true)
	}
	return l
}
