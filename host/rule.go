package host

import (
	"cmp"
	"net/netip"
	"slices"

	"nfvm/nf"
)

// A RuleAction is what a routing rule does with the packets it selects.
type RuleAction uint8

const (
	RuleLookup RuleAction = iota
	RuleBlackhole
	RuleUnreachable
	RuleProhibit
	RuleGoto
)

// A Rule is one entry of the routing policy database (ip-rule(8)).
type Rule struct {
	Priority uint32
	Not      bool
	Src, Dst netip.Prefix // invalid: all
	Iif, Oif string
	Mark     uint32
	Mask     uint32 // 0: the mark is not tested
	TOS      uint8
	L4Proto  uint8
	SPort    [2]uint16 // inclusive; zero: any
	DPort    [2]uint16
	Action   RuleAction
	Table    uint32
	Goto     uint32
	// SuppressBits rejects routes with a prefix of at most this length; -1: off.
	SuppressBits int
}

// addRules installs the routing rules, for a family of which nothing is said
// those that every kernel starts with.
func (h *Host) addRules(c *Config) {
	h.rules4, h.rules6 = slices.Clone(c.Rules4), slices.Clone(c.Rules6)
	if c.Rules4 == nil {
		h.rules4 = []Rule{lookupRule(0, TableLocal), lookupRule(32766, TableMain), lookupRule(32767, TableDefault)}
	}
	if c.Rules6 == nil {
		h.rules6 = []Rule{lookupRule(0, TableLocal), lookupRule(32766, TableMain)}
	}
	for _, rules := range [][]Rule{h.rules4, h.rules6} {
		slices.SortStableFunc(rules, func(a, b Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	}
	for i := range h.rules4 {
		h.customFIB = h.customFIB || !h.rules4[i].builtin()
	}
}

func lookupRule(priority, table uint32) Rule {
	return Rule{Priority: priority, Table: table, SuppressBits: -1}
}

// builtin reports one of the rules that every kernel starts with.
func (r *Rule) builtin() bool {
	return *r == lookupRule(0, TableLocal) || *r == lookupRule(32766, TableMain) || *r == lookupRule(32767, TableDefault)
}

// A Query describes the packet for which a route is looked for.
type Query struct {
	Dst, Src     netip.Addr
	In           *nf.Link // nil for packets that the host sends
	Out          *nf.Link // a device the route must use; nil: any
	Mark         uint32
	TOS          uint8
	Proto        uint8
	SPort, DPort uint16
}

func (r *Rule) matches(q *Query) bool { return r.selects(q) != r.Not }

func (r *Rule) selects(q *Query) bool {
	if r.Src.IsValid() && !(q.Src.IsValid() && r.Src.Contains(q.Src)) || r.Dst.IsValid() && !r.Dst.Contains(q.Dst) {
		return false
	}
	// A packet of the host's own comes in by lo, as far as rules can tell.
	if r.Iif != "" && r.Iif != "lo" && (q.In == nil || q.In.Name != r.Iif) {
		return false
	}
	if r.Iif == "lo" && q.In != nil && q.In.Name != "lo" {
		return false
	}
	if r.Oif != "" && (q.Out == nil || q.Out.Name != r.Oif) {
		return false
	}
	if (r.Mark^q.Mark)&r.Mask != 0 || r.TOS != 0 && r.TOS != q.TOS {
		return false
	}
	if r.L4Proto != 0 && r.L4Proto != q.Proto {
		return false
	}
	return portIn(r.SPort, q.SPort) && portIn(r.DPort, q.DPort)
}

func portIn(r [2]uint16, p uint16) bool {
	return r == [2]uint16{} || r[0] <= p && p <= r[1]
}
