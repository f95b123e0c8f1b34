package netfilter

import (
	"net/netip"

	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// sendRedirect tells a sender on the link about the better next hop
// (ip_rt_send_redirect).
func (e *Engine) sendRedirect(s *skb) {
	e.alone()
	if !s.route.NextHop.Is4() || !e.limiter.allowRedirect(e.now, s.Src()) {
		return
	}
	gw := s.route.NextHop.As4()
	info := uint32(gw[0])<<24 | uint32(gw[1])<<16 | uint32(gw[2])<<8 | uint32(gw[3])
	e.sendError(s, nf.HookForward, icmpError{kind: icmpRedirect, code: codeRedirectHost, info: info})
}

// redirectInterval is the time in milliseconds that one ICMPv6 redirect takes of
// what a destination and a sender have gathered.
const redirectInterval = 1000

// sendRedirect6 tells a sender on the link about the better next hop, in the name
// of the router's link-local address, without which there is none
// (ndisc_send_redirect). It comes before all that forwarding does to the packet.
func (e *Engine) sendRedirect6(s *skb) {
	e.alone()
	now := e.now / 1e6
	if !e.limiter.peer(s.Dst()).take(now, redirectInterval) {
		return
	}
	router, ok := e.linkLocal(s.arrived)
	target := s.Dst().Netip(nf.FamilyIPv6)
	if s.route.Gateway {
		target = s.route.NextHop
		ok = ok && target.IsLinkLocalUnicast()
	}
	if !ok || !e.isNeighbour(s.Src().Netip(nf.FamilyIPv6), s.arrived) || !e.limiter.peer(s.Src()).take(now, redirectInterval) {
		return
	}
	r := packet.Redirect6{Src: packet.AddrFrom(router), Target: packet.AddrFrom(target)}
	if s.arrived.Ether {
		r.MAC, r.HasMAC = e.host.Neighbour(s.arrived, target)
	}
	x := e.get(s.number)
	x.buf = packet.AppendRedirect6(x.buf[:0], &s.Packet, &r)
	e.originate(s, x, false)
}

// linkLocal is the oldest link-local IPv6 address of a link (ipv6_get_lladdr).
func (e *Engine) linkLocal(l *nf.Link) (oldest netip.Addr, ok bool) {
	for _, a := range e.host.Addresses(l) {
		if a.Local.Is6() && a.Local.IsLinkLocalUnicast() && !a.Tentative {
			oldest, ok = a.Local, true
		}
	}
	return oldest, ok
}

// isNeighbour reports whether an address is reached on a link without a gateway.
func (e *Engine) isNeighbour(a netip.Addr, l *nf.Link) bool {
	res := e.host.Lookup(&host.Query{Dst: a, Out: l})
	return res.Type == host.Unicast && res.Out == l && !res.Gateway
}
