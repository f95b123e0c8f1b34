package netfilter

import (
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// Fwd notes where the frame being evaluated leaves; deviceHook sends it there
// when the rules are done (vm.Env).
func (v *env) Fwd(_ *packet.Packet, ifindex int, neighbour *packet.Addr) {
	s := v.current
	s.route, s.toNeighbour = host.Result{Out: v.host.LinkByIndex(ifindex)}, neighbour != nil
	if neighbour != nil {
		s.route.NextHop = neighbour.Netip(s.Family)
	}
}

// DupFrame sends a copy of the frame being evaluated on a link (vm.Env).
func (v *env) DupFrame(_ *packet.Packet, ifindex int) {
	e, s := v.engine(), v.current
	e.alone()
	l := e.host.LinkByIndex(ifindex)
	if l == nil {
		return
	}
	if c := e.cloneFrame(s, e.wire(s), s.Link); c != nil {
		c.generated, c.route = true, host.Result{Out: l}
		e.sendFrame(c)
		e.put(c)
	}
}

// SendARP sends an ARP packet of the host's own by the link of the frame being
// evaluated (arp_send).
func (v *env) SendARP(_ *packet.Packet, frame []byte) {
	e, s := v.engine(), v.current
	c := e.get(s.number)
	defer e.put(c)
	c.buf = append(c.buf[:0], frame...)
	c.Reset(c.buf, true)
	if s.In == nil || c.ParseEther() != packet.OK {
		return
	}
	c.generated, c.Local, c.Time, c.route = true, true, e.now, host.Result{Out: s.In}
	if e.sendARP(c) {
		e.sendFrame(c)
	}
}

// cloneFrame gives a copy of a frame with what belongs to it, nil if it has no
// proper link-layer header.
func (e *Engine) cloneFrame(s *skb, frame []byte, ether bool) *skb {
	c := e.get(s.number)
	c.buf = append(c.buf[:0], frame...)
	c.Reset(c.buf, ether)
	c.EtherType = s.EtherType
	if ether && c.ParseEther() != packet.OK {
		e.put(c)
		return nil
	}
	c.generated, c.arrived, c.Time = s.generated, s.arrived, e.now
	c.Mark, c.Priority, c.Trace, c.TraceID = s.Mark, s.Priority, s.Trace, s.TraceID
	return c
}

// forwardFrame sends a frame that rules took off its way to where they said.
func (e *Engine) forwardFrame(s *skb) {
	switch {
	case s.route.Out == nil:
		e.drop(s, "the interface to forward to is gone")
	case s.toNeighbour:
		e.sendIP(s, s.Data[s.Network:])
	default:
		e.sendFrame(s)
	}
}

// maxNested is how often a frame may be forwarded or copied on its way out
// again (NF_RECURSION_LIMIT).
const maxNested = 2

// sendFrame puts a frame as it is on the link of its route, whether it has the
// header of such a link or not (nf_do_netdev_egress).
func (e *Engine) sendFrame(s *skb) {
	if e.nested > maxNested {
		e.drop(s, "forwarded from link to link too often")
		return
	}
	e.nested++
	defer func() { e.nested-- }()
	e.xmit(s, e.wire(s), s.Link)
}

// wire gives a frame as it is on the wire, with its VLAN tag; it is valid until
// the next one.
func (e *Engine) wire(s *skb) []byte {
	if !s.Tagged {
		return s.Data
	}
	e.frame = s.AppendFrame(e.frame[:0], s.IP())
	return e.frame
}

// took reports what became of a frame after a chain at ingress or egress: true
// if it goes on.
func (e *Engine) took(s *skb, v nf.Verdict) bool {
	switch v {
	case nf.Accept:
		return true
	case nf.Stolen:
		e.forwardFrame(s)
	default:
		e.drop(s, "")
	}
	return false
}
