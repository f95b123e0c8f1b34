package vm

import (
	"cmp"
	"math"
	"slices"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/xt"
)

// A Ruleset is a program in its executable form, with the state that packets
// leave in it.
type Ruleset struct {
	// Program is what the ruleset was loaded from; packets don't change it (see
	// Snapshot).
	Program *bytecode.Program
	// HasNAT tells that there is a chain of type nat.
	HasNAT bool

	tables []*table
	hooks  map[hookKey][]*Chain
	// recents are the lists of the match recent by name, hashes the tables of
	// hashlimit; like connections they belong to the host, not to a ruleset.
	recents map[string]*recentList
	hashes  map[string]*hashTable
	// kept are the states that continue those of the ruleset keptFrom, found by
	// Match for TakeOver.
	kept     []keptState
	keptFrom *Ruleset
	// counters are those in rules and those with names, by stateConf.cell, less 1.
	counters []*State
	// nextCollect is when Collect looks at sets next.
	nextCollect int64
}

type hookKey struct {
	family nf.Family
	hook   nf.Hook
}

// A table is a loaded table.
type table struct {
	decl    *bytecode.Table
	chains  []*Chain
	sets    []*Set
	objects []*object
}

// A Chain is a loaded chain.
type Chain struct {
	*bytecode.Chain
	Family nf.Family // of the table
	Table  *bytecode.Table
	of     *Ruleset
	rules  []rule
}

// A rule is a loaded rule.
type rule struct {
	decl *bytecode.Rule
	code []instr
	// states are those of the rule's stateful expressions, by the expression's
	// place in the rule.
	states map[int]*State
	// dispatch is the run that the rule belongs to, nil for none.
	dispatch *dispatch
}

// BaseChains gives the base chains that a packet of a family (the tables' own,
// or IPv4 and IPv6, for which inet tables count) meets at a hook, in the order
// in which they run: by priority, and of equal ones the latest made first. The
// caller must not change the slice.
func (r *Ruleset) BaseChains(f nf.Family, h nf.Hook) []*Chain { return r.hooks[hookKey{f, h}] }

// UsesConntrack reports whether packets of a family must be tracked, because a
// rule asks for it.
func (r *Ruleset) UsesConntrack(f nf.Family) bool {
	_, used := r.ConntrackOrder(f)
	return used
}

// families gives the packet families that a table's chains see.
func families(f nf.Family) []nf.Family {
	if f == nf.FamilyInet {
		return []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6}
	}
	return []nf.Family{f}
}

// attach puts the base chains to their hooks.
func (r *Ruleset) attach() {
	r.hooks = make(map[hookKey][]*Chain)
	for _, t := range r.tables {
		for _, c := range t.chains {
			for _, f := range families(t.decl.Family) {
				if c.Base != nil && !t.decl.Dormant {
					k := hookKey{f, c.Base.Hook}
					r.hooks[k] = append(r.hooks[k], c)
				}
			}
			r.HasNAT = r.HasNAT || c.Base != nil && c.Base.Type == nf.ChainTypeNAT
		}
	}
	for _, chains := range r.hooks {
		slices.SortStableFunc(chains, func(a, b *Chain) int {
			if c := cmp.Compare(a.Base.Priority, b.Base.Priority); c != 0 {
				return c
			}
			return cmp.Compare(b.Chain.Order, a.Chain.Order)
		})
	}
}

// ConntrackOrder gives the moment, in the count of bytecode.Chain.Order, at
// which the first rule that needs connection tracking for a family was made;
// used is false if there is none. A chain of type nat alone does not need it.
func (r *Ruleset) ConntrackOrder(f nf.Family) (order uint32, used bool) {
	for _, t := range r.tables {
		if !slices.Contains(families(t.decl.Family), f) {
			continue
		}
		if t.declaresTracking() {
			if made := t.declared(); !used || made < order {
				order, used = made, true
			}
		}
		for _, c := range t.decl.Chains {
			for _, rule := range c.Rules {
				asks := func(e bytecode.Expr) bool { return asksConntrack(e, f) }
				if slices.ContainsFunc(rule.Exprs, asks) && (!used || rule.Order < order) {
					order, used = rule.Order, true
				}
			}
		}
	}
	return order, used
}

// UsesSynproxy reports whether a rule or an object answers TCP handshakes of a
// family.
func (r *Ruleset) UsesSynproxy(f nf.Family) bool {
	for _, t := range r.tables {
		if !slices.Contains(families(t.decl.Family), f) {
			continue
		}
		if slices.ContainsFunc(t.decl.Objects, func(o *bytecode.Object) bool { return o.Type == bytecode.ObjectSynproxy }) {
			return true
		}
		for _, c := range t.decl.Chains {
			for _, rule := range c.Rules {
				if slices.ContainsFunc(rule.Exprs, func(e bytecode.Expr) bool { _, is := e.(*bytecode.Synproxy); return is }) {
					return true
				}
			}
		}
	}
	return false
}

// declaresTracking reports whether a table has a set that counts connections or
// an object of conntrack or synproxy: these need tracking though no rule uses
// them.
func (t *table) declaresTracking() bool {
	counts := func(e bytecode.Expr) bool {
		_, is := e.(*bytecode.Connlimit)
		return is
	}
	for i := range t.decl.Sets {
		s := t.decl.Sets[i]
		if slices.ContainsFunc(s.Exprs, counts) || slices.ContainsFunc(s.Elements, func(e bytecode.Element) bool { return slices.ContainsFunc(e.Exprs, counts) }) {
			return true
		}
	}
	return slices.ContainsFunc(t.decl.Objects, func(o *bytecode.Object) bool { return tracked[o.Type] })
}

// tracked are the types of objects that need connection tracking.
var tracked = map[bytecode.ObjectType]bool{
	bytecode.ObjectCTHelper: true, bytecode.ObjectCTTimeout: true, bytecode.ObjectCTExpect: true,
	bytecode.ObjectSynproxy: true, bytecode.ObjectConnlimit: true,
}

// declared is when a table's sets and objects were made, as Chain.Order counts:
// before its first rule.
func (t *table) declared() uint32 {
	first := uint32(math.MaxUint32)
	for _, c := range t.decl.Chains {
		for _, r := range c.Rules {
			first = min(first, r.Order)
		}
	}
	return first
}

// asksConntrack reports whether an expression needs the packets of a family
// tracked; a translation to addresses only those of its own.
func asksConntrack(e bytecode.Expr, f nf.Family) bool {
	switch e := e.(type) {
	case *bytecode.CT, *bytecode.CTSet, *bytecode.Connlimit, *bytecode.Masq,
		*bytecode.Redir, *bytecode.Synproxy, *bytecode.FlowOffload:
		return true
	case *bytecode.XT:
		return !e.Target && e.Ext == "conntrack" || e.Target && e.Ext == "CT" && !xt.Untracks(e.Ext, e.Info)
	case *bytecode.NAT:
		return e.Family == f || e.Family == nf.FamilyInet || e.Family == nf.FamilyUnspec
	case *bytecode.Objref:
		return tracked[e.Type]
	case *bytecode.Dynset:
		return slices.ContainsFunc(e.Exprs, func(e bytecode.Expr) bool { return asksConntrack(e, f) })
	}
	return false
}
