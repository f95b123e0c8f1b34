package netfilter

import (
	"nfvm/nf"
	"nfvm/packet"
)

// loop hands a packet that the host sent to itself to its input side, in an
// Ethernet header of zeros.
func (e *Engine) loop(s *skb) {
	if s.Family == nf.FamilyIPv4 {
		s.SumComplete = false // what was summed on the way out is summed again (measured)
	}
	lo := s.route.Out
	s.wrap()
	if len(e.rules.egress) > 0 && e.deviceHook(s, nf.HookEgress, e.rules.egress, lo) != nf.Accept {
		return
	}
	s.arrived, s.Received = lo, true
	if len(e.rules.ingress) > 0 && e.deviceHook(s, nf.HookIngress, e.rules.ingress, lo) != nf.Accept {
		return
	}
	if why := s.CheckIP(); why != packet.OK {
		e.drop(s, why.String())
		return
	}
	if e.traverse(s, nf.HookPrerouting, lo, nil) {
		e.arriveAgain(s)
	}
}

// arriveAgain takes a packet that the host has heard of itself to where its
// sender's route says, to the host, unless translation has taken that from it.
func (e *Engine) arriveAgain(s *skb) {
	if s.routed {
		e.deliver(s)
	} else {
		e.toRoute(s)
	}
}

// hear takes a frame that rules have put on lo as one that arrives there.
func (e *Engine) hear(s *skb, frame []byte) {
	if x := e.cloneFrame(s, frame, true); x != nil {
		x.arrived = e.lo
		e.accept(x)
		e.put(x)
	}
}

// hearOwnBroadcast gives the host a copy of a broadcast that it sends, by way of
// postrouting and the input side of the link (ip_mc_output).
func (e *Engine) hearOwnBroadcast(s *skb) {
	c := e.get(s.number)
	defer e.put(c)
	c.buf = append(c.buf[:0], s.IP()...)
	own := c.buf
	c.Packet, c.Data = s.Packet, own
	c.generated, c.route, c.routed, c.fixedHop = true, s.route, true, s.fixedHop
	c.Local, c.HasUID = false, false // a copy has no socket
	c.own, c.many = true, s.many
	defer func() { c.CT = 0 }() // it is the original's to release
	if !e.traverse(c, nf.HookPostrouting, nil, c.route.Out) {
		return
	}
	c.arrived, c.PktType, c.Received = c.route.Out, nf.PacketBroadcast, true
	if len(e.rules.ingress) > 0 && e.deviceHook(c, nf.HookIngress, e.rules.ingress, c.arrived) != nf.Accept {
		return
	}
	if why := c.CheckIP(); why != packet.OK {
		e.drop(c, why.String())
		return
	}
	if e.traverse(c, nf.HookPrerouting, c.arrived, nil) {
		e.arriveAgain(c)
	}
}
