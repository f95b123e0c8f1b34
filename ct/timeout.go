package ct

import (
	"fmt"
	"slices"

	"nfvm/nf"
)

// Timeouts are the lifetimes in nanoseconds that a protocol gives its entries,
// indexed by state. The numbers are those of the attributes of a timeout
// policy (CTA_TIMEOUT_TCP_ and so on), so index 0 is free; index 1 is what a
// new entry gets, whatever its protocol.
type Timeouts [12]int64

// Indexes that are no states. Those of TCP and SCTP are their states'.
const (
	TimeoutNew        = 1
	TimeoutOnly       = 1  // ICMP, ICMPv6, generic
	TimeoutUnreplied  = 1  // UDP, UDP-Lite, GRE
	TimeoutReplied    = 2  // UDP, UDP-Lite, GRE
	TimeoutTCPRetrans = 10 // after tcp_max_retrans identical segments
	TimeoutTCPUnack   = 11 // data that the peer did not acknowledge
)

// A Policy is a `ct timeout` object: lifetimes for flows of one protocol.
type Policy struct {
	L3, L4   uint8
	Timeouts Timeouts
}

// maxHandles bounds the numbers of policies and helper names.
const maxHandles = 1<<16 - 1

// NewPolicy gives a policy with the lifetimes that hold at present, in which
// the caller changes what the rules name.
func (t *Table) NewPolicy(l3, l4 uint8) Policy {
	return Policy{L3: l3, L4: l4, Timeouts: *t.Sysctl.timeouts(l4)}
}

// RegisterPolicy makes a policy usable as Entry.Policy. Equal policies share a
// handle, so that rules can be loaded any number of times.
func (t *Table) RegisterPolicy(p Policy) (handle uint16, err error) {
	if i := slices.Index(t.policies, p); i >= 0 {
		return uint16(i + 1), nil
	}
	if len(t.policies) >= maxHandles {
		return 0, fmt.Errorf("more than %d timeout policies", maxHandles)
	}
	t.policies = append(t.policies, p)
	return uint16(len(t.policies)), nil
}

// SetPolicy gives an unconfirmed entry a policy, and the lifetime that the
// policy has for new entries. It has no effect on other entries and on those
// of another protocol, as `ct timeout set`.
func (t *Table) SetPolicy(e *Entry, handle uint16) {
	if handle == 0 || int(handle) > len(t.policies) || e.Confirmed() {
		return
	}
	if p := &t.policies[handle-1]; p.L4 == e.L4() {
		e.Policy = handle
		t.SetTimeout(e, p.Timeouts[TimeoutNew])
	}
}

// timeouts gives the lifetimes that hold for an entry.
func (t *Table) timeouts(e *Entry) *Timeouts {
	if e.Policy != 0 {
		return &t.policies[e.Policy-1].Timeouts
	}
	return t.Sysctl.timeouts(e.L4())
}

func (s *Sysctls) timeouts(l4 uint8) *Timeouts {
	switch l4 {
	case nf.ProtoTCP:
		return &s.TCP
	case nf.ProtoUDP, nf.ProtoUDPLite:
		return &s.UDP
	case nf.ProtoICMP:
		return &s.ICMP
	case nf.ProtoICMPv6:
		return &s.ICMPv6
	case nf.ProtoGRE:
		return &s.GRE
	case nf.ProtoSCTP:
		return &s.SCTP
	}
	return &s.Generic
}
