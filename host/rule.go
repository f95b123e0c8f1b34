package host

import (
	"net/netip"

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
	Empty        bool // selects nothing: its interface does not exist
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
