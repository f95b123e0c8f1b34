package netfilter

import (
	"nfvm/nf"
)

// A refusal is why a router does not forward a packet, and its answer.
type refusal struct {
	why    string
	answer icmpError
}

// mayForward makes the checks of ip_forward and ip6_forward that come before
// the forward hook: hop limit first, then size.
func (e *Engine) mayForward(s *skb) *refusal {
	six := s.Family == nf.FamilyIPv6
	if s.TTL() <= 1 {
		if six {
			return &refusal{"hop limit exceeded", icmpError{kind: icmp6TimeExceeded}}
		}
		return &refusal{"TTL exceeded", icmpError{kind: icmpTimeExceeded}}
	}
	if six && s.route.Out != s.arrived {
		if r := forwardScope6(s); r != nil {
			return r
		}
	}
	if mtu := s.route.MTU(); s.TooBig(mtu) {
		return &refusal{"larger than the MTU of the route", tooBig(s, mtu)}
	}
	return nil
}

// forwardScope6 keeps packets from leaving the scope of their source for another
// link.
func forwardScope6(s *skb) *refusal {
	src := s.Src()
	if src.IsZero() || src.IsMulticast(s.Family) || src.IsLoopback(s.Family) {
		return &refusal{why: "source address that no packet on the way has"}
	}
	if src.IsLinkLocal(s.Family) {
		return &refusal{"link-local source leaving its link", icmpError{kind: icmp6Unreach, code: codeBeyondScope}}
	}
	return nil
}

// tooBig is the answer to a packet larger than an MTU.
func tooBig(s *skb, mtu int) icmpError {
	if s.Family == nf.FamilyIPv6 {
		return icmpError{kind: icmp6TooBig, info: uint32(mtu)}
	}
	return icmpError{kind: icmpUnreach, code: codeFragNeeded, info: uint32(mtu)}
}

// tosPriority is rt_tos2priority: the priority that forwarding gives a packet,
// by bits 1 to 4 of its TOS.
var tosPriority = [16]uint32{0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4}
