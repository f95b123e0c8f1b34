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

	// Lent tells that the engine may change Data until Process returns, instead
	// of copying it first.
	Lent bool
	// Offload is what of the packet is left to devices.
	Offload packet.Offload
	// Mark and Priority are what the host has given a packet that it sends. UID
	// is the owner of the socket that it comes from, if HasUID.
	Mark, Priority, UID uint32
	HasUID              bool
}

// Process takes one frame through the host. The Sink is told the outcome before
// Process returns, but for fragments that are held until the rest comes.
func (e *Engine) Process(f *Frame) {
	e.Advance(f.Time)
	e.pursue(f)
	e.giveFast()
}

// pursue takes one frame through the host at the present time.
func (e *Engine) pursue(f *Frame) {
	s := e.get(f.Number)
	defer e.put(s)
	s.take(f)
	s.Time = e.now
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

// take puts a frame into a clean skb.
func (s *skb) take(f *Frame) {
	s.room = f.Data
	if !f.Lent {
		s.buf = append(s.buf[:0], f.Data...)
		s.room = s.buf
	}
	s.Reset(s.room, f.Ether)
	s.arrived, s.sentBy = f.Link, f.Link
	s.Mark, s.Priority, s.UID, s.HasUID = f.Mark, f.Priority, f.UID, f.HasUID
	s.Offload = f.Offload
	if f.Offload.Verified() {
		s.SumValid, s.SumComplete, s.SumUnnecessary = true, true, true
	}
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
	s.PktType, s.Received = nf.PacketHost, true
	if s.Link && s.arrived.MAC != [6]byte{} {
		s.PktType = s.EtherPktType(s.arrived.MAC)
	} else if s.Link {
		if s.PktType = s.EtherPktType(s.arrived.MAC); s.PktType == nf.PacketOtherHost && s.arrived.Port == nil && s.arrived != e.lo {
			s.PktType = nf.PacketHost // the link's own address is unknown
		}
	}
	if len(e.rules.ingress) > 0 && e.deviceHook(s, nf.HookIngress, e.rules.ingress, s.arrived) != nf.Accept {
		return
	}
	if s.Link && s.arrived.Port != nil && !e.bridge(s) {
		return
	}
	e.dispatch(s)
}

// dispatch sorts a frame that is for the host itself.
func (e *Engine) dispatch(s *skb) {
	switch {
	case s.PktType == nf.PacketOtherHost:
		e.drop(s, "frame for another host")
	case s.Tagged && s.TCI&0xfff != 0:
		e.drop(s, "VLAN tag without a VLAN interface")
	case s.Link && s.EtherType == nf.EtherTypeARP:
		e.receiveARP(s)
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
		s.route.Out, s.arrived, s.Local = s.arrived, nil, true
		if !s.Link || s.EtherType != nf.EtherTypeARP || e.sendARP(s) {
			e.sendFrame(s)
		}
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
	s.fixedHop = true
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
	if s.Offload.SegSize != 0 && s.WireLen() > mtu && !s.DF() {
		e.emitSegments(s)
		return
	}
	if s.Offload.SegSize == 0 && s.WireLen() > mtu {
		s.CompleteSum()
	}
	s.FixPartialSum()
	e.emitting = s
	switch e.fragmenter.Split(&s.Packet, mtu, e.rand.Uint32(), e.emitFragment) {
	case packet.SplitWhole:
		if s.fast {
			e.offerFast(s)
		}
		e.sendIP(s, s.IP())
	case packet.SplitTooBig:
		e.sendError(s, nf.HookPostrouting, tooBig(s, mtu))
		e.drop(s, "larger than the MTU")
	}
}

// emitSegments cuts a packet that no device can cut for this link, since its
// segments need to be fragmented (ip_finish_output_gso).
func (e *Engine) emitSegments(s *skb) {
	e.segmenter.Cut(&s.Packet, func(ip []byte) {
		part := e.get(s.number)
		defer e.put(part)
		part.buf = append(part.buf[:0], ip...)
		part.Packet, part.room = s.Packet, nil
		part.Data, part.Network, part.Link, part.Offload = part.buf, 0, false, packet.Offload{}
		part.arrived, part.sentBy, part.route, part.routed = s.arrived, s.sentBy, s.route, s.routed
		part.fixedHop = s.fixedHop
		part.decision, part.hook, part.reached, part.generated = s.decision, s.hook, s.reached, s.generated
		e.emit(part)
		part.CT = 0 // it is the whole packet's to release
	})
}

// sendFragment sends a fragment of the packet that leaves. Where egress drops it
// those behind it are not sent, either.
func (e *Engine) sendFragment(ip []byte) bool { return e.sendIP(e.emitting, ip) }

// sendIP puts a network packet on the link of the packet's route, behind a
// link-layer header where the link has one; false tells that egress dropped it.
func (e *Engine) sendIP(s *skb, ip []byte) bool {
	frame, ether, known := ip, s.route.Out.Ether, true
	if ether {
		var dst [6]byte
		dst, known = e.nextHopMAC(s)
		frame = e.inEther(s, ip)
		copy(frame[0:], dst[:])
		copy(frame[6:], s.route.Out.MAC[:])
		frame[12], frame[13] = byte(s.EtherType>>8), byte(s.EtherType)
	}
	if s.unknownHop = !known; known && len(e.rules.egress) > 0 && s.route.Out.Bridge != nil {
		e.firstTo(s.route.Out, s.nextHop())
	}
	return e.xmit(s, frame, ether)
}

// xmit puts a frame on the link of its packet's route: the egress hook, then the
// wire, or the ports of a bridge. ether tells that the frame begins with an
// Ethernet header, though on an Ethernet link it will be taken for one anyway.
// It reports whether the rules at egress let it go, there or elsewhere.
func (e *Engine) xmit(s *skb, frame []byte, ether bool) bool {
	out := s.route.Out
	if len(e.rules.egress) > 0 {
		var v nf.Verdict
		if frame, v = e.egressFrame(s, frame, ether); v != nf.Accept {
			return v == nf.Stolen
		}
	}
	switch {
	case out.Bridge != nil:
		e.alone()
		e.enterBridge(s, frame, out)
		return true
	case out == e.lo:
		e.hear(s, frame)
		return true
	}
	o := e.outcome(s, Sent, "")
	o.Link, o.Ether, o.Frame = out, out.Ether, frame
	o.NoNeighbour, o.NextHop = s.unknownHop, s.nextHop()
	e.tell(o)
	return true
}

// inEther gives the frame that holds a network packet, its link-layer header to
// be written: in place where the packet has come in such a frame.
func (e *Engine) inEther(s *skb, ip []byte) []byte {
	const header = 14
	if at := cap(s.room) - cap(ip); at >= header && at < len(s.room) && len(ip) > 0 && &s.room[at] == &ip[0] {
		return s.room[at-header : at+len(ip)]
	}
	e.frame = append(e.frame[:0], make([]byte, header)...)
	e.frame = append(e.frame, ip...)
	return e.frame
}

// nextHopMAC finds the link-layer destination of a routed packet.
func (e *Engine) nextHopMAC(s *skb) ([6]byte, bool) {
	hop := s.nextHop()
	kind := s.route.Type
	if hop != s.route.NextHop && hop.Is4() {
		kind = e.host.LocalType(hop, s.route.Out)
	}
	switch {
	case kind == host.Broadcast || hop == broadcast4:
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
