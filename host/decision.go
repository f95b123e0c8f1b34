package host

import "net/netip"

// An Action is what routing does with a received packet.
type Action uint8

const (
	// ActionDrop is the zero Action, so that forgetting to decide drops.
	ActionDrop Action = iota
	ActionDeliver
	ActionForward
	ActionError // answer with an ICMP error, and drop
)

// A Decision is the outcome of routing a received packet.
type Decision struct {
	Action Action
	Result Result // of Forward and Error
	// Type and Code are those of the ICMP or ICMPv6 error.
	Type, Code uint8
	// Reason says in a few words why the packet was dropped.
	Reason string
	// Martian tells that the packet must not come by its link at all: it is
	// dropped as soon as it is routed.
	Martian bool
	// Redirect tells that the packet leaves by the link it came from and the
	// sender could have reached the next hop itself.
	Redirect bool
}

// Refused reports whether there is no way for the packet: an error route, or none.
func (d *Decision) Refused() bool {
	return d.Action == ActionError || d.Action == ActionDrop && d.Result.Type.errorType()
}

func drop(reason string) Decision { return Decision{Reason: reason} }

func martian(reason string) Decision { return Decision{Reason: reason, Martian: true} }

func (q *Query) reverse() Query {
	r := *q
	r.Src, r.Dst, r.Mark = q.Dst, q.Src, 0
	return r
}

func isLoopback4(a netip.Addr) bool { return a.As4()[0] == 127 }
