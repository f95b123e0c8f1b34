package netfilter

import (
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// A Frame is one frame that crossed, or is about to cross, a link of the host.
type Frame struct {
	Number int
	Link   *nf.Link
	Time   int64 // nanoseconds since the epoch
	Data   []byte
	Ether  bool // Data begins with an Ethernet header
	// Outbound tells that the host itself sends this packet.
	Outbound bool
}

// Process takes one frame through the host. The Sink is told the outcome before
// Process returns, but for fragments that are held until the rest comes.
func (e *Engine) Process(f *Frame) {
	e.Advance(f.Time)
	s := e.get(f.Number)
	s.buf = append(s.buf[:0], f.Data...)
	s.Reset(s.buf, f.Ether)
	s.Time, s.arrived, s.sentBy = e.now, f.Link, f.Link
	defer e.put(s)
	if f.Ether {
		if why := s.ParseEther(); why != packet.OK {
			e.drop(s, why.String())
			return
		}
		learn(e.host, f.Link, &s.Packet, f.Outbound)
	} else {
		s.EtherType = rawEtherType(s.Data)
	}
	if f.Outbound {
		e.sendLocal(s)
		return
	}
	e.accept(s)
}

// rawEtherType tells the protocol of a packet without link layer by its version.
func rawEtherType(b []byte) uint16 {
	if len(b) > 0 && b[0]>>4 == 6 {
		return nf.EtherTypeIPv6
	}
	return nf.EtherTypeIPv4
}

// accept sorts an arriving frame: for another host, not IP, or a packet to
// filter.
func (e *Engine) accept(s *skb) {
	s.PktType = nf.PacketHost
	if s.Link && s.arrived.MAC != [6]byte{} {
		s.PktType = s.EtherPktType(s.arrived.MAC)
	} else if s.Link {
		if s.PktType = s.EtherPktType(s.arrived.MAC); s.PktType == nf.PacketOtherHost {
			s.PktType = nf.PacketHost // the link's own address is unknown
		}
	}
	if len(e.rules.ingress) > 0 && !e.deviceHook(s, nf.HookIngress, e.rules.ingress, s.arrived) {
		return
	}
	switch {
	case s.PktType == nf.PacketOtherHost:
		e.drop(s, "frame for another host")
	case s.Tagged && s.TCI&0xfff != 0:
		e.drop(s, "VLAN tag without a VLAN interface")
	case s.EtherType != nf.EtherTypeIPv4 && s.EtherType != nf.EtherTypeIPv6:
		e.finish(s, Delivered, "")
	default:
		e.receive(s)
	}
}

// sendLocal starts a packet of the host's own at the output hook; the
// link-layer header of the capture is not its yet.
func (e *Engine) sendLocal(s *skb) {
	if s.EtherType != nf.EtherTypeIPv4 && s.EtherType != nf.EtherTypeIPv6 {
		s.route.Out = s.arrived
		e.finish(s, Sent, "")
		return
	}
	s.Data = s.Data[s.Network:]
	s.Network, s.Link, s.Local = 0, false, true
	s.arrived = nil
	if why := s.CheckIP(); why != packet.OK {
		e.drop(s, why.String())
		return
	}
	e.limiter.sent(e, s)
	e.output(s)
}

// emit cuts a packet to what its link carries and sends it.
func (e *Engine) emit(s *skb) {
	if s.Family == nf.FamilyUnspec {
		e.finish(s, Sent, "")
		return
	}
	s.finishSum()
	mtu := s.route.MTU()
	e.emitting = s
	switch e.fragmenter.Split(&s.Packet, mtu, e.rand.Uint32(), e.emitFragment) {
	case packet.SplitWhole:
		e.sendIP(s, s.IP())
	case packet.SplitTooBig:
		e.sendError(s, nf.HookPostrouting, tooBig(s, mtu))
		e.drop(s, "larger than the MTU")
	}
}

func (e *Engine) sendFragment(ip []byte) { e.sendIP(e.emitting, ip) }

// sendIP puts a network packet on the link of the packet's route, behind a
// link-layer header where the link has one.
func (e *Engine) sendIP(s *skb, ip []byte) {
	frame, ether, known := ip, s.route.Out.Ether, true
	if ether {
		var dst [6]byte
		dst, known = e.nextHopMAC(s)
		e.frame = append(e.frame[:0], dst[:]...)
		e.frame = append(e.frame, s.route.Out.MAC[:]...)
		e.frame = append(e.frame, byte(s.EtherType>>8), byte(s.EtherType))
		e.frame = append(e.frame, ip...)
		frame = e.frame
	}
	if len(e.rules.egress) > 0 {
		var ok bool
		if frame, ok = e.egressFrame(s, frame, ether); !ok {
			return
		}
	}
	o := e.outcome(s, Sent, "")
	o.Link, o.Ether, o.Frame = s.route.Out, ether, frame
	o.NoNeighbour, o.NextHop = !known, s.route.NextHop
	e.tell(o)
}

// nextHopMAC finds the link-layer destination of a routed packet.
func (e *Engine) nextHopMAC(s *skb) ([6]byte, bool) {
	hop := s.route.NextHop
	switch {
	case s.route.Type == host.Broadcast || hop == broadcast4:
		return [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, true
	case hop.Is4() && hop.IsMulticast():
		a := hop.As4()
		return [6]byte{0x01, 0x00, 0x5e, a[1] & 0x7f, a[2], a[3]}, true
	case hop.IsMulticast():
		a := hop.As16()
		return [6]byte{0x33, 0x33, a[12], a[13], a[14], a[15]}, true
	}
	return e.host.Neighbour(s.route.Out, hop)
}
