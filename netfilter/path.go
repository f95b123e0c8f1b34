package netfilter

import (
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// receive takes an IP packet from a link through the host: the whole path of a
// packet that arrives.
func (e *Engine) receive(s *skb) {
	s.MaxFrag = 0 // what a bridge has put together is whole from here on
	if why := s.CheckIP(); why != packet.OK {
		if why == packet.ParameterProblem {
			e.sendProblem(s)
		}
		e.drop(s, why.String())
		return
	}
	if e.prerouting(s) {
		e.toRoute(s)
	}
}

// toRoute takes a received packet to where the routing tables say.
func (e *Engine) toRoute(s *skb) {
	d := e.routeInput(s)
	if d.Action != host.ActionDrop && !e.options(s) {
		return
	}
	switch d.Action {
	case host.ActionDeliver:
		e.deliver(s)
	case host.ActionForward:
		e.forward(s, &d)
	case host.ActionError:
		e.alone()
		if s.Family != nf.FamilyIPv4 || e.limiter.allowRouteError(e.now, s.Src()) {
			e.sendError(s, nf.HookPrerouting, icmpError{kind: d.Type, code: d.Code})
		}
		e.drop(s, d.Reason)
	default:
		e.drop(s, d.Reason)
	}
}

// prerouting takes a packet that arrived through the first hook, unless a bridge
// has done so already: then only through what comes before the note of that, at
// the very first priority (ip_sabotage_in).
func (e *Engine) prerouting(s *skb) bool {
	if !s.Bridged || s.bridged.heard {
		return e.traverse(s, nf.HookPrerouting, s.arrived, nil)
	}
	s.bridged.heard = true
	s.In, s.Out, s.hook, s.Dev = s.arrived, nil, nf.HookPrerouting, s.arrived
	stages := e.rules.stages[familyIndex(s.Family)][nf.HookPrerouting]
	n := 0
	for n < len(stages) && stages[n].priority == nf.PriorityFirst {
		n++
	}
	return e.pass(s, stages[:n])
}

// deliver takes a packet through the input hook to the host, whole: IPv4
// collects fragments before the hook, IPv6 behind it.
func (e *Engine) deliver(s *skb) {
	s.route, s.routed = host.Result{}, true
	if s.Family == nf.FamilyIPv4 && !e.whole(s) {
		return
	}
	if !e.traverse(s, nf.HookInput, s.In, nil) {
		return
	}
	if s.Family == nf.FamilyIPv6 && !e.whole(s) {
		return
	}
	s.FixPartialSum()
	e.finish(s, Delivered, "")
}

// forward takes a packet from one link to another: hop limit, size, the forward
// hook.
func (e *Engine) forward(s *skb, d *host.Decision) {
	s.route, s.routed = d.Result, true
	if s.PktType != nf.PacketHost {
		e.drop(s, "not forwarded: link-layer broadcast or multicast")
		return
	}
	if d.Redirect && s.Family == nf.FamilyIPv6 && s.TTL() > 1 {
		e.sendRedirect6(s)
	}
	if refusal := e.mayForward(s); refusal != nil {
		e.sendError(s, nf.HookForward, refusal.answer)
		e.drop(s, refusal.why)
		return
	}
	s.DecTTL()
	s.SumComplete = s.SumUnnecessary
	if d.Redirect && s.Family == nf.FamilyIPv4 {
		e.sendRedirect(s)
	}
	if s.Family == nf.FamilyIPv4 && e.forwardPriority {
		s.Priority = tosPriority[s.TOS()>>1&15]
	}
	if !e.traverse(s, nf.HookForward, s.arrived, s.route.Out) {
		return
	}
	e.forwardOptions(s)
	e.transmit(s)
}

// output takes a packet that the host sends itself.
func (e *Engine) output(s *skb) {
	if !e.routeOutput(s) {
		e.drop(s, "no route")
		return
	}
	if !e.traverse(s, nf.HookOutput, nil, s.route.Out) {
		return
	}
	if s.Family == nf.FamilyIPv4 && s.route.Type == host.Broadcast {
		e.alone()
		e.hearOwnBroadcast(s)
	}
	e.transmit(s)
}

// transmit takes a routed packet through the postrouting hook to its link, or,
// when it is for the host itself, around through lo.
func (e *Engine) transmit(s *skb) {
	if !e.traverse(s, nf.HookPostrouting, s.arrived, s.route.Out) {
		return
	}
	if s.route.Out.Type == nf.ARPHRDLoopback {
		e.alone()
		e.loop(s)
		return
	}
	e.emit(s)
}
