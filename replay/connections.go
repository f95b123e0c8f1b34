package replay

import (
	"nfvm/netfilter"
	"nfvm/nf"
)

// A conversation is the connections of one flow.
type conversation struct {
	flow
	connections int
	packets     [2]int // by nf.Dir
}

// Bounds of what a summary remembers of connections; what comes later still
// counts, as part of others.
const (
	maxConversations = 1 << 14
	maxConnections   = 1 << 20
)

// connection counts a packet that passed for the connection it belongs to.
func (s *Summary) connection(o *netfilter.Outcome) {
	e := o.Entry
	if e == nil || !e.Confirmed() || o.Kind != netfilter.Sent && o.Kind != netfilter.Delivered {
		return
	}
	c := s.seen[e.Seq]
	if c == nil {
		if c = s.conversation(flowOfEntry(e)); len(s.seen) < maxConnections {
			s.seen[e.Seq] = c
			c.connections++
		}
	}
	if o.CTInfo.Dir() == nf.DirReply {
		c.packets[nf.DirReply]++
	} else {
		c.packets[nf.DirOriginal]++
	}
}

// conversation finds or begins the conversation of a flow.
func (s *Summary) conversation(f flow) *conversation {
	c := s.flows[f]
	if c != nil {
		return c
	}
	if len(s.flows) >= maxConversations {
		f = flow{proto: "others"}
		if c = s.flows[f]; c != nil {
			return c
		}
	}
	c = &conversation{flow: f}
	s.flows[f] = c
	s.flowOrder = append(s.flowOrder, c)
	return c
}
