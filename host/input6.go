package host

import "net/netip"

// ICMPv6 destination-unreachable codes that routing gives (RFC 4443).
const (
	icmp6Unreach       = 1
	icmp6NoRoute       = 0
	icmp6AdmProhibited = 1
)

// RouteInput6 decides about a received IPv6 packet as ip6_route_input does.
// q.In is the link it came by.
func (h *Host) RouteInput6(q *Query) Decision {
	if h.implicit {
		return h.routeImplicit(q)
	}
	if q.Dst.IsMulticast() {
		if h.joined6(q) {
			return Decision{Action: ActionDeliver, Result: Result{Type: Multicast}}
		}
		return drop("multicast group not joined")
	}
	if q.Dst.IsLinkLocalUnicast() {
		return h.linkLocal6(q)
	}
	res := h.Lookup(q)
	switch res.Type {
	case Local, Anycast:
		return Decision{Action: ActionDeliver, Result: res}
	case Blackhole:
		return Decision{Result: res, Reason: "blackhole route"}
	case Prohibit:
		return Decision{Action: ActionError, Type: icmp6Unreach, Code: icmp6AdmProhibited, Reason: "prohibit route"}
	case Unicast:
	default:
		return Decision{Action: ActionError, Type: icmp6Unreach, Code: icmp6NoRoute, Reason: "no route"}
	}
	if !h.conf[q.In].Forwarding6 {
		return Decision{Result: res, Reason: "forwarding is off"}
	}
	return Decision{Action: ActionForward, Result: res, Redirect: res.Out == q.In}
}

// linkLocal6 routes a link-local destination: ours, or a neighbour on the same
// link.
func (h *Host) linkLocal6(q *Query) Decision {
	if h.OwnsOn(q.Dst, q.In) {
		return Decision{Action: ActionDeliver, Result: Result{Type: Local}}
	}
	if !h.conf[q.In].Forwarding6 {
		return drop("forwarding is off")
	}
	return Decision{Action: ActionForward, Redirect: true, Result: Result{Type: Unicast, Out: q.In, NextHop: q.Dst}}
}

var (
	allNodesLink   = netip.MustParseAddr("ff02::1")
	allRoutersLink = netip.MustParseAddr("ff02::2")
	allRoutersSite = netip.MustParseAddr("ff05::2")
	allNodesIface  = netip.MustParseAddr("ff01::1")
)

// joined6 reports whether the host listens to a multicast group on the link:
// all nodes, all routers when it forwards, and the solicited-node groups of its
// addresses (RFC 4291, 2.8).
func (h *Host) joined6(q *Query) bool {
	if h.allGroups {
		return true
	}
	switch q.Dst {
	case allNodesLink, allNodesIface:
		return true
	case allRoutersLink, allRoutersSite:
		return h.conf[q.In].Forwarding6
	}
	d := q.Dst.As16()
	if !(d[0] == 0xff && d[1] == 2 && d[11] == 1 && d[12] == 0xff) {
		return false
	}
	for _, a := range h.byLink[q.In] {
		if b := a.Local.As16(); !a.Local.Is4() && [3]byte(b[13:]) == [3]byte(d[13:]) {
			return true
		}
	}
	return false
}
