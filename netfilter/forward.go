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
	if six {
		if r := forwardScope6(s); r != nil {
			return r
		}
	}
	if mtu := s.route.MTU(); s.TooBig(mtu) {
		return &refusal{"larger than the MTU of the route", tooBig(s, mtu)}
	}
	return nil
}

// forwardScope6 keeps packets from leaving the scope of their source.
func forwardScope6(s *skb) *refusal {
	src := s.Src()
	if src.IsZero() || src.IsMulticast(s.Family) || src.IsLoopback(s.Family) {
		return &refusal{why: "source address that no packet on the way has"}
	}
	if src.IsLinkLocal(s.Family) && s.route.Out != s.arrived {
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

// IPv4 option numbers that matter to a router (RFC 791).
const (
	optEnd  = 0
	optNoop = 1
	optLSRR = 131
	optSSRR = 137
)

// options refuses source-routed packets where the host does not accept them,
// and answers options that make no sense (ip_rcv_options). It reports whether
// the packet goes on.
func (e *Engine) options(s *skb) bool {
	if s.Family != nf.FamilyIPv4 || s.IP()[0]&15 == 5 {
		return true
	}
	header := s.IP()[:int(s.IP()[0]&15)*4]
	for at := 20; at < len(header) && header[at] != optEnd; {
		kind := header[at]
		switch {
		case kind == optNoop:
			at++
			continue
		case at+1 >= len(header), header[at+1] < 2, at+int(header[at+1]) > len(header):
			e.sendError(s, nf.HookInput, icmpError{kind: icmpParameter, info: uint32(at) << 24})
			e.drop(s, "malformed IPv4 options")
			return false
		case (kind == optLSRR || kind == optSSRR) && !e.host.Conf(s.arrived).AcceptSourceRoute:
			e.drop(s, "source route")
			return false
		}
		at += int(header[at+1])
	}
	return true
}
