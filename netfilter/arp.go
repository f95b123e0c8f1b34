package netfilter

import (
	"nfvm/nf"
	"nfvm/vm"
)

// arpSize is the size in bytes of an ARP packet about IPv4 on Ethernet (RFC 826).
const arpSize = 28

// addARP builds the pipelines of the arp family.
func (r *ruleset) addARP(rs *vm.Ruleset) {
	for _, h := range []nf.Hook{nf.HookInput, nf.HookOutput} {
		for _, c := range rs.BaseChains(nf.FamilyARP, h) {
			r.add(pipelineARP, h, stage{kind: stageChain, priority: int64(c.Base.Priority), order: c.Order, chain: c})
		}
	}
}

// receiveARP takes an ARP packet to the host, whoever it asks about (arp_rcv).
func (e *Engine) receiveARP(s *skb) {
	b := s.IP()
	if len(b) < arpSize || b[4] != 6 || b[5] != 4 {
		e.drop(s, "malformed ARP packet")
		return
	}
	if e.arpHook(s, nf.HookInput, s.arrived, nil) {
		e.finish(s, Delivered, "")
	}
}

// sendARP takes an ARP packet of the host's own through output and reports
// whether it is to be sent. The kernel has the link-layer header in the packet
// there, but does not know it as such.
func (e *Engine) sendARP(s *skb) bool {
	s.Link = false
	ok := e.arpHook(s, nf.HookOutput, nil, s.route.Out)
	s.Link = true
	return ok
}

// arpHook takes an ARP packet through a hook of the arp family.
func (e *Engine) arpHook(s *skb, h nf.Hook, in, out *nf.Link) bool {
	s.In, s.Out, s.Dev, s.hook, s.reached = in, out, in, h, true
	if h == nf.HookOutput {
		s.Dev = out
	}
	s.at = nf.FamilyARP
	s.ParseIPChecked()
	ok := e.pass(s, e.rules.stages[pipelineARP][h])
	s.at = nf.FamilyUnspec
	return ok
}
