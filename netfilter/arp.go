package netfilter

import (
	"nfvm/nf"
	"nfvm/vm"
)

// arpSize is the size in bytes of an ARP packet about IPv4 on Ethernet (RFC 826).
const arpSize = 28

// addARP builds the pipelines of the arp family.
func (r *ruleset) addARP(rs *vm.Ruleset) {
	for _, h := range []nf.Hook{nf.HookInput, nf.HookForward, nf.HookOutput} {
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

// forwardARP takes an ARP packet that is bridged through the hook of arptables
// (br_nf_forward_arp).
func (e *Engine) forwardARP(s *skb) (nf.Verdict, string) {
	const header, protocolSize = 8, 5
	br := s.Out.Port.Bridge.Bridge
	switch b := s.IP(); {
	case !br.CallARPTables && !e.bridgeCalls.arp, s.Tagged && !e.bridgeCalls.tagged:
		return nf.Accept, ""
	case len(b) < header:
		return nf.Drop, "malformed ARP packet"
	case b[protocolSize] != 4:
		return nf.Accept, ""
	case len(b) < arpSize && len(e.rules.stages[pipelineARP][nf.HookForward]) > 0:
		return nf.Drop, "ARP packet too short for arptables" // which alone has chains there
	}
	hook, in, out, dev := s.hook, s.In, s.Out, s.Dev
	if !e.arpHook(s, nf.HookForward, in, out) {
		return nf.Stolen, ""
	}
	s.at, s.hook, s.In, s.Out, s.Dev = nf.FamilyBridge, hook, in, out, dev
	return nf.Accept, ""
}
