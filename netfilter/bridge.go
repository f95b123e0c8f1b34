package netfilter

import (
	"nfvm/nf"
)

// bridge takes a frame that came by a port of a bridge through that bridge
// (br_handle_frame): prerouting, and then to other ports, to the host, or both.
// It reports whether the frame is for the host by the port itself, as if the
// port belonged to no bridge.
func (e *Engine) bridge(s *skb) (asIfNone bool) {
	e.alone()
	port := s.arrived.Port
	br := port.Bridge
	if src := s.EtherSrc(); src[0]&1 != 0 || [6]byte(src) == [6]byte{} {
		e.drop(s, "frame from no station")
		return false
	}
	if group := localGroup(s.EtherDst()); group >= 0 && !forwardsGroup(port, group) {
		return e.bridgeGroup(s, group)
	}
	if !port.Forwarding && !port.Listening {
		e.drop(s, "the port of the bridge is not forwarding")
		return false
	}
	if [6]byte(s.EtherDst()) == br.MAC {
		s.PktType = nf.PacketHost
	}
	if !e.bridgeHook(s, nf.HookPrerouting, s.arrived, nil, s.arrived) {
		return false
	}
	if s.Broute {
		return true
	}
	if s.bridged.redirected && !e.readdress(s, br) {
		return false
	}
	e.switchFrame(s, port)
	return false
}

// switchFrame passes a frame on that came by a port (br_handle_frame_finish): to
// the port where its station is, to all if that is unknown or if it is for many.
func (e *Engine) switchFrame(s *skb, port *nf.BridgePort) {
	br := port.Bridge
	vid, ok := s.enterVLAN(br.Bridge, &port.VLANs)
	if !ok {
		e.drop(s, "VLAN that the port of the bridge is not in")
		return
	}
	if port.Learning && !isOwn(br, s.EtherSrc()) {
		e.stations.learn(fdbKey{br.Index, vid, [6]byte(s.EtherSrc())}, s.arrived, e.now)
	}
	if port.Listening {
		e.drop(s, "the port of the bridge is only learning")
		return
	}
	dst := s.EtherDst()
	switch {
	case dst[0]&1 != 0:
		e.flood(s, br, s.arrived, true)
		e.passUp(s, br)
	case isOwn(br, dst):
		e.passUp(s, br)
	default:
		if out := e.station(br, vid, dst); out != nil {
			e.toPort(s, s.arrived, out)
		} else {
			e.flood(s, br, s.arrived, false)
		}
	}
}

// sendBridged passes a frame on that the host sends by a bridge (br_dev_xmit).
func (e *Engine) sendBridged(s *skb, br *nf.Link) {
	vid, ok := s.enterVLAN(br.Bridge, &br.Bridge.VLANs)
	if !ok {
		e.drop(s, "VLAN that the bridge is not in")
		return
	}
	dst := s.EtherDst()
	if dst[0]&1 == 0 {
		if isOwn(br, dst) {
			e.drop(s, "a frame to the bridge's own address")
			return
		}
		if out := e.station(br, vid, dst); out != nil {
			e.toPort(s, nil, out)
			return
		}
	}
	e.flood(s, br, nil, false)
}

// flood sends a frame by all ports that take it. keep tells that the frame
// itself is still needed.
func (e *Engine) flood(s *skb, br, in *nf.Link, keep bool) {
	var last *nf.Link
	for _, p := range br.Bridge.Ports {
		if !floods(s, p.Port, in) || !e.takes(s, in, p) {
			continue
		}
		if last != nil {
			e.copyToPort(s, in, last)
		}
		last = p
	}
	switch {
	case last != nil && keep:
		e.copyToPort(s, in, last)
	case last != nil:
		e.toPort(s, in, last)
	case !keep:
		e.drop(s, "no port of the bridge to send it by")
	}
}

// floods reports whether frames such as this one leave by a port that they are
// not meant for in particular.
func floods(s *skb, p *nf.BridgePort, in *nf.Link) bool {
	switch dst := s.EtherDst(); {
	case dst[0]&1 == 0:
		return p.Flood
	case in == nil: // the host's own
		return true
	case [6]byte(dst) == broadcastMAC:
		return p.BroadcastFlood
	}
	return p.MulticastFlood
}

var broadcastMAC = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// takes reports whether a frame may leave by a port at all (should_deliver).
func (e *Engine) takes(s *skb, in, out *nf.Link) bool {
	p := out.Port
	if !p.Forwarding || in == out && !p.Hairpin || in != nil && in.Port.Isolated && p.Isolated {
		return false
	}
	return s.mayLeaveVLAN(p.Bridge.Bridge, &p.VLANs)
}

// copyToPort is toPort for a copy of the frame.
func (e *Engine) copyToPort(s *skb, in, out *nf.Link) {
	c := e.clone(s)
	c.Linearize() // what shares its bytes is cut anew
	e.toPort(c, in, out)
	c.CT = 0 // it is the original's to release
	e.put(c)
}

// toPort sends a frame by a port: forward or, with in nil, output, and
// postrouting (__br_forward).
func (e *Engine) toPort(s *skb, in, out *nf.Link) {
	if !e.takes(s, in, out) {
		e.drop(s, "the port of the bridge does not take it")
		return
	}
	s.leaveVLAN(out.Port.Bridge.Bridge, &out.Port.VLANs)
	hook := nf.HookForward
	if in == nil {
		hook = nf.HookOutput
	}
	if !e.bridgeHook(s, hook, in, out, out) || !e.bridgeHook(s, nf.HookPostrouting, nil, out, out) {
		return
	}
	e.leaveBridge(s, out)
}

// passUp gives a frame to the host itself, by way of the bridge
// (br_pass_frame_up): input, and then as any frame that the bridge received.
func (e *Engine) passUp(s *skb, br *nf.Link) {
	if !s.mayLeaveVLAN(br.Bridge, &br.Bridge.VLANs) {
		e.drop(s, "VLAN that the bridge is not in")
		return
	}
	s.leaveVLAN(br.Bridge, &br.Bridge.VLANs)
	if !e.bridgeHook(s, nf.HookInput, s.arrived, nil, br) {
		return
	}
	s.arrived = br
	if len(e.rules.ingress) > 0 && e.deviceHook(s, nf.HookIngress, e.rules.ingress, br) != nf.Accept {
		return
	}
	e.dispatch(s)
}

// station gives the port behind which a station is, nil if that is unknown.
func (e *Engine) station(br *nf.Link, vid uint16, mac []byte) *nf.Link {
	index := e.stations.find(fdbKey{br.Index, vid, [6]byte(mac)}, br.Bridge.AgeingTime, e.now)
	if index == 0 {
		return nil
	}
	l := e.host.LinkByIndex(index)
	if l == nil || l.Port == nil || l.Port.Bridge != br {
		return nil
	}
	return l
}

// isOwn reports whether an address is the bridge's own or that of a port: frames
// to it are for the host.
func isOwn(br *nf.Link, mac []byte) bool {
	a := [6]byte(mac)
	if a == br.MAC {
		return true
	}
	for _, p := range br.Bridge.Ports {
		if p.MAC == a {
			return true
		}
	}
	return false
}
