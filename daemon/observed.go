//go:build linux

package daemon

import (
	"cmp"
	"slices"

	"nfvm/bytecode"
	"nfvm/netfilter"
	"nfvm/nf"
)

// mostObserved is how many of the rules that would have dropped something are
// logged.
const mostObserved = 20

// An observation counts what would have become of packets that passed, as the
// rules were not enforced.
type observation struct {
	accepted, translated, dropped, rejected uint64

	by map[cause]*uint64
}

// A cause is what would have dropped a packet: a rule, the policy of a chain, or
// the path.
type cause struct {
	table  *bytecode.Table
	chain  *bytecode.Chain
	rule   *bytecode.Rule
	hook   nf.Hook
	reason string
}

func (s *observation) add(o *netfilter.Outcome) {
	switch {
	case o.Kind == netfilter.Held || o.Kind == netfilter.Proxied || o.Generated: // the rest of it comes, or it would never have been
		return
	case o.Kind != netfilter.Dropped:
		s.accepted++
		if o.Entry != nil && o.Entry.Status&(nf.CTStatusSrcNAT|nf.CTStatusDstNAT) != 0 {
			s.translated++
		}
		return
	case o.Decision.Rejected():
		s.rejected++
	default:
		s.dropped++
	}
	d := &o.Decision
	c := cause{d.Table, d.Chain, d.Rule, d.Hook, o.Reason}
	n := s.by[c]
	if n == nil {
		if s.by == nil {
			s.by = map[cause]*uint64{}
		}
		n = new(uint64)
		s.by[c] = n
	}
	*n++
}

// summary logs what was observed since the last summary, the most frequent causes
// of drops first.
func (r *reporter) summary() {
	if !r.observe {
		return
	}
	s := r.observed
	r.observed = observation{}
	r.log.Info("observed", "would_accept", s.accepted, "would_translate", s.translated, "would_drop", s.dropped, "would_reject", s.rejected)
	type line struct {
		cause
		packets uint64
	}
	var list []line
	for c, n := range s.by {
		list = append(list, line{c, *n})
	}
	slices.SortFunc(list, func(a, b line) int { return cmp.Compare(b.packets, a.packets) })
	for _, l := range list[:min(len(list), mostObserved)] {
		d := netfilter.Decision{Table: l.table, Chain: l.chain, Rule: l.rule, Hook: l.hook}
		attrs := append([]any{"would", verdictWord(&d), "packets", l.packets}, r.cause(&d, l.reason)...)
		r.log.Info("observed", attrs...)
	}
}
