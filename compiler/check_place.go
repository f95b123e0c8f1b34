package compiler

import (
	"fmt"

	"nfvm/bytecode"
	"nfvm/lang"
	"nfvm/nf"
)

// place notes where an expression may stand, if that is not everywhere, and
// refuses it where the family does not have it.
func (r *rule) place(e bytecode.Expr, at span) {
	f := r.table.Family
	where, ok := bytecode.PlacesOf(f, e)
	switch {
	case !ok:
		r.failed = true
		r.refuse(at, errnoOfFamily(e), "%s does not work in family %s", whatIs(e), f)
	case r.out != nil && !where.Everywhere():
		r.out.places = append(r.out.places, placed{whatIs(e), where, at})
	}
}

// errnoOfFamily is the kernel's answer to an expression that a family does not
// have.
func errnoOfFamily(e bytecode.Expr) string {
	switch e.(type) {
	case *bytecode.CT, *bytecode.CTSet, *bytecode.Connlimit, *bytecode.Synproxy:
		return eproto
	case *bytecode.Fib, *bytecode.Reject:
		return enoent
	}
	return eopnotsupp
}

// whatIs names an expression as rules write it.
func whatIs(e bytecode.Expr) string {
	switch e := e.(type) {
	case *bytecode.NAT:
		if e.Type == bytecode.SNAT {
			return "snat"
		}
		return "dnat"
	case *bytecode.Masq:
		return "masquerade"
	case *bytecode.Redir:
		return "redirect"
	case *bytecode.FlowOffload:
		return "flow add"
	case *bytecode.Objref:
		return e.Type.String()
	case *bytecode.Meta:
		return "meta " + e.Key.String()
	case *bytecode.MetaSet:
		return "meta " + e.Key.String() + " set"
	case *bytecode.Rt:
		if e.Key == bytecode.RtTCPMSS {
			return "rt mtu"
		}
	case *bytecode.Xfrm:
		return "ipsec"
	case *bytecode.Connlimit:
		return "ct count"
	}
	return e.Name()
}

// misplaced reports a statement that a base chain reaches and must not.
func (c *compiler) misplaced(p placed, base *chainState) {
	why := p.what + " does not work in this family"
	if p.where != 0 {
		why = fmt.Sprintf("%s works in %s, not in %s chains at %s", p.what, p.where, base.Base.Type, base.Base.Hook)
	}
	c.refuse(p.at, eopnotsupp, "%s", why).Note(base.at, "the base chain")
}

// checkBase checks type, hook, priority and devices of a base chain.
func (c *compiler) checkBase(t *tableState, b *lang.Chain, name lang.Word, base *bytecode.BaseChain) bool {
	h := b.Hook
	switch {
	case base.Type != nf.ChainTypeFilter && !routed(t.Family):
		c.refuse(h.Type.Span, enoent, "family %s has no chains of type %s", t.Family, base.Type)
		return false
	case t.Family == nf.FamilyARP && base.Hook == nf.HookForward && !h.Classic, !typeAllowed(base):
		c.refuse(name.Span, eopnotsupp, "no %s chain at hook %s in family %s", base.Type, base.Hook, t.Family).Note(h.Span, "")
		return false
	}
	if base.Type == nf.ChainTypeNAT && base.Priority <= nf.PriorityConntrack {
		c.refuse(name.Span, eopnotsupp, "a nat chain must run after conntrack: its priority must be above %d", nf.PriorityConntrack).Note(h.Priority.Span, "")
		return false
	}
	return true
}

// routed is whether a family has all chain types, not only filter.
func routed(f nf.Family) bool {
	return f == nf.FamilyIPv4 || f == nf.FamilyIPv6 || f == nf.FamilyInet
}

// typeAllowed is whether a chain type is registered at a hook.
func typeAllowed(b *bytecode.BaseChain) bool {
	switch b.Type {
	case nf.ChainTypeNAT:
		return b.Hook != nf.HookForward && b.Hook != nf.HookIngress
	case nf.ChainTypeRoute:
		return b.Hook == nf.HookOutput
	}
	return true
}
