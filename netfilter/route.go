package netfilter

import (
	"net/netip"

	"nfvm/host"
	"nfvm/nf"
)

// query describes a packet to the routing tables.
func (s *skb) query(in *nf.Link) host.Query {
	q := host.Query{
		Src: s.Src().Netip(s.Family), Dst: s.Dst().Netip(s.Family),
		In: in, Mark: s.Mark, TOS: s.TOS() & 0x1c, Proto: s.Proto,
	}
	if s.L4Known && s.FragOffset == 0 {
		q.SPort, q.DPort, _ = s.Ports()
	}
	return q
}

// routeInput decides where a packet that arrived goes, unless that is decided.
func (e *Engine) routeInput(s *skb) host.Decision {
	if s.bridged.routed {
		return s.bridged.decision
	}
	s.many = e.isMany(s)
	return e.lookupInput(s, s.arrived)
}

// lookupInput is what the routing tables say of a packet that came by a link.
func (e *Engine) lookupInput(s *skb, in *nf.Link) host.Decision {
	q := s.query(in)
	if s.Family == nf.FamilyIPv6 {
		return e.host.RouteInput6(&q)
	}
	return e.host.RouteInput4(&q)
}

// routeOutput finds the way for a packet of the host's own.
func (e *Engine) routeOutput(s *skb) bool {
	res, ok := e.outputRoute(s)
	s.route, s.routed = res, ok
	s.many = e.isMany(s)
	return ok
}

// isMany reports whether the route of an IPv4 packet, which is about to be
// found, makes it a broadcast or multicast (RTCF_BROADCAST, RTCF_MULTICAST).
func (e *Engine) isMany(s *skb) bool {
	if s.Family != nf.FamilyIPv4 {
		return false
	}
	dst := s.Dst().Netip(s.Family)
	return dst.IsMulticast() || dst == broadcast4 || !e.host.IsImplicit() && e.host.LocalType(dst, nil) == host.Broadcast
}

func (e *Engine) outputRoute(s *skb) (host.Result, bool) {
	q := s.query(nil)
	if e.host.IsImplicit() {
		// Nobody described the routes: the capture's interface is the way.
		return host.Result{Type: host.Unicast, Out: s.sentBy, NextHop: q.Dst}, s.sentBy != nil
	}
	if q.Dst.IsMulticast() || q.Dst == broadcast4 || q.Dst.IsLinkLocalUnicast() && q.Dst.Is6() {
		q.Out = s.sentBy
	}
	res := e.host.Lookup(&q)
	switch {
	case res.Type == host.Local, res.Type == host.Anycast && q.Dst.Is6():
		res.Out = e.lo
	case res.Type != host.Unicast && res.Type != host.Broadcast && res.Type != host.Multicast && res.Type != host.Anycast,
		res.Out == nil:
		if q.Out == nil {
			return res, false
		}
		return host.Result{Type: host.Multicast, Out: q.Out, NextHop: q.Dst}, true
	}
	return res, true
}

// mayLeave refuses loopback addresses of IPv4 as sources on other links: where
// output routing is asked with the source, it finds no route for them
// (__mkroute_output). It is not when a raw socket sends a header of its own.
func (e *Engine) mayLeave(src netip.Addr, out *nf.Link) bool {
	return out == e.lo || !src.Is4() || !src.IsLoopback() ||
		out != nil && e.host.Conf(out) != nil && e.host.Conf(out).RouteLocalnet
}

var broadcast4 = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// routeKey is what a packet of the host's own is routed by.
type routeKey struct {
	src, dst  [16]byte
	mark      uint32
	tos, hops uint8
	flow      uint32
}

func (s *skb) routeKey() routeKey {
	k := routeKey{src: s.Src(), dst: s.Dst(), mark: s.Mark, tos: s.TOS()}
	if s.Family == nf.FamilyIPv6 {
		ip := s.IP()
		k.hops, k.flow = s.TTL(), uint32(ip[1]&15)<<16|uint32(ip[2])<<8|uint32(ip[3])
	}
	return k
}

// nextHop is the neighbour that the packet goes to: the gateway of its route, or
// where its header sends it now.
func (s *skb) nextHop() netip.Addr {
	if s.fixedHop || s.toNeighbour || s.route.Gateway || s.Family == nf.FamilyUnspec {
		return s.route.NextHop
	}
	return s.Dst().Netip(s.Family)
}

// reroute looks the route up again when a chain of type route, or destination
// NAT at output, changed what it depends on (ip_route_me_harder).
func (e *Engine) reroute(s *skb, before *routeKey) bool {
	if s.routeKey() == *before {
		return true
	}
	return e.routeAgain(s)
}

// routeAgain finds another way for a packet of the host's own.
func (e *Engine) routeAgain(s *skb) bool {
	s.fixedHop = false
	return e.routeOutput(s) && e.mayLeave(s.Src().Netip(s.Family), s.route.Out)
}
