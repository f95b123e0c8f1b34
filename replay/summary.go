package replay

import (
	"nfvm/bytecode"
	"nfvm/netfilter"
	"nfvm/netio"
	"nfvm/nf"
)

// A class is a row of the summary's first table.
type class int

const (
	classForwarded class = iota
	classDelivered
	classLocal
	classGenerated
	classDropped
	classRejected
	classHeld
	classProxied
	classCount
)

// classNames are the words for each class and what they mean.
var classNames = [classCount][2]string{
	{"forwarded", ""},
	{"delivered", "to the host itself"},
	{"sent by the host", ""},
	{"generated", "ICMP errors, resets and other answers"},
	{"dropped", ""},
	{"rejected", "dropped and answered"},
	{"fragments", "held for reassembly"},
	{"proxied", "answered or passed on by the SYN proxy"},
}

// A Summary watches a replay for what a person wants to see first. Its memory
// grows with the number of rules and conversations, not of packets.
type Summary struct {
	namer     *Namer
	counts    [classCount]int
	deciders  map[decider]*causes
	reasons   map[string]*causes
	flows     map[flow]*conversation
	flowOrder []*conversation
	seen      map[uint64]*conversation // by ct.Entry.Seq
	unknown   map[nextHop]int
	last      fragmentOf
}

// A decider is a rule, or with rule nil the policy of a chain.
type decider struct {
	table   *bytecode.Table
	chain   *bytecode.Chain
	rule    *bytecode.Rule
	verdict nf.Verdict
}

// causes counts the packets that one rule, policy or reason decided, and what
// they were if they were dropped.
type causes struct {
	packets int
	class   class
	what    map[flow]int
	others  int
}

// fragmentOf tells the fragments of one packet from packets of their own.
type fragmentOf struct {
	number int
	sent   bool
}

// nextHop is a neighbour whose link-layer address nobody told.
type nextHop struct{ link, addr string }

// maxWhat bounds the flows remembered for each cause.
const maxWhat = 4096

// NewSummary makes an empty summary that names rules by n.
func NewSummary(n *Namer) *Summary {
	return &Summary{
		namer: n, deciders: map[decider]*causes{}, reasons: map[string]*causes{},
		flows: map[flow]*conversation{}, seen: map[uint64]*conversation{}, unknown: map[nextHop]int{},
	}
}

// Frame does nothing.
func (s *Summary) Frame(*netio.Frame, *nf.Link) {}

// Done ends a frame.
func (s *Summary) Done() error {
	s.last = fragmentOf{}
	return nil
}

// Packet counts one outcome; the fragments of one packet count once.
func (s *Summary) Packet(o *netfilter.Outcome) error {
	if o.NoNeighbour {
		s.unknown[nextHop{o.Link.Name, o.NextHop.String()}]++
	}
	this := fragmentOf{o.Number, o.Kind == netfilter.Sent && !o.Generated}
	if this.sent && s.last == this {
		return nil
	}
	s.last = this
	c := classify(o)
	s.counts[c]++
	s.decided(o, c)
	s.connection(o)
	return nil
}

func classify(o *netfilter.Outcome) class {
	switch {
	case o.Kind == netfilter.Held:
		return classHeld
	case o.Kind == netfilter.Proxied:
		return classProxied
	case o.Kind == netfilter.Dropped && o.Decision.Rejected():
		return classRejected
	case o.Kind == netfilter.Dropped:
		return classDropped
	case o.Kind == netfilter.Delivered:
		return classDelivered
	case o.Generated:
		return classGenerated
	case o.In == nil:
		return classLocal
	}
	return classForwarded
}

// decided counts the packet for what decided it.
func (s *Summary) decided(o *netfilter.Outcome, cl class) {
	var c *causes
	switch d := &o.Decision; {
	case cl == classHeld, cl == classProxied && d.Verdict != nf.Stolen: // whatever decided before
		return
	case d.Chain != nil:
		c = entryOf(s.deciders, decider{d.Table, d.Chain, d.Rule, d.Verdict})
	case o.Kind == netfilter.Dropped:
		c = entryOf(s.reasons, o.Reason)
	default:
		return
	}
	c.packets++
	if o.Kind != netfilter.Dropped {
		return
	}
	c.class = cl
	f := flowOf(o)
	if _, known := c.what[f]; !known && len(c.what) >= maxWhat {
		c.others++
		return
	}
	c.what[f]++
}

func entryOf[K comparable](m map[K]*causes, k K) *causes {
	c := m[k]
	if c == nil {
		c = &causes{what: map[flow]int{}}
		m[k] = c
	}
	return c
}
