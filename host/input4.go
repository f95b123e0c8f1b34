package host

import (
	"net/netip"

	"nfvm/nf"
)

// ICMP destination-unreachable codes that routing gives.
const (
	icmpUnreach       = 3
	icmpNetUnreach    = 0
	icmpHostUnreach   = 1
	icmpAdmProhibited = 13
)

// RouteInput4 decides about a received IPv4 packet as ip_route_input does:
// martian addresses, local, broadcast and multicast destinations, the reverse
// path filter, and the way on. q.In is the link it came by.
func (h *Host) RouteInput4(q *Query) Decision {
	if h.implicit {
		return h.routeImplicit(q)
	}
	conf := h.conf[q.In]
	if q.Dst.IsMulticast() {
		return h.inputMulticast4(q, conf)
	}
	if q.Src.IsMulticast() || q.Src == limitedBroadcast {
		return martian("martian source")
	}
	if q.Dst == limitedBroadcast || q.Src.IsUnspecified() && q.Dst.IsUnspecified() {
		return h.inputBroadcast(q, conf)
	}
	if isZeroNet(q.Src) {
		return martian("martian source")
	}
	if isZeroNet(q.Dst) {
		return martian("martian destination")
	}
	if !conf.RouteLocalnet && q.In.Name != "lo" {
		if isLoopback4(q.Dst) {
			return martian("martian destination")
		}
		if isLoopback4(q.Src) {
			return martian("martian source")
		}
	}
	return h.inputUnicast4(q, conf)
}

func (h *Host) inputUnicast4(q *Query, conf *LinkConf) Decision {
	res := h.Lookup(q)
	switch {
	case res.Type == Broadcast && !(conf.BCForwarding && q.In != res.Out):
		return h.inputBroadcast(q, conf)
	case res.Type == Local:
		if !h.ValidSource(q, nil) {
			return martian("martian source")
		}
		return Decision{Action: ActionDeliver, Result: res}
	case !conf.Forwarding4:
		return drop("forwarding is off")
	case res.Type == Blackhole:
		return drop("blackhole route")
	case res.Type == Prohibit:
		return Decision{Action: ActionError, Type: icmpUnreach, Code: icmpAdmProhibited, Reason: "prohibit route"}
	case res.Type == Unreachable && res.Route != nil:
		return Decision{Action: ActionError, Type: icmpUnreach, Code: icmpHostUnreach, Reason: "unreachable route"}
	case res.Type == Unreachable:
		return Decision{Action: ActionError, Type: icmpUnreach, Code: icmpNetUnreach, Reason: "no route"}
	case res.Type != Unicast && res.Type != Broadcast:
		return martian("martian destination")
	}
	if !h.ValidSource(q, res.Out) {
		return martian("reverse path filter or martian source")
	}
	return Decision{Action: ActionForward, Result: res, Redirect: h.redirects(q, &res, conf)}
}

// redirects reports whether the sender is told of the better next hop.
func (h *Host) redirects(q *Query, res *Result, conf *LinkConf) bool {
	if res.Out != q.In || !conf.SendRedirects {
		return false
	}
	if conf.SharedMedia {
		return true
	}
	for _, a := range h.byLink[q.In] {
		if a.Local.Is4() && a.Prefix.Contains(q.Src) && a.Prefix.Contains(res.NextHop) {
			return true
		}
	}
	return false
}

func (h *Host) inputBroadcast(q *Query, conf *LinkConf) Decision {
	if !isZeroNet(q.Src) && !h.ValidSource(q, nil) {
		return martian("martian source")
	}
	return Decision{Action: ActionDeliver, Result: Result{Type: Broadcast}}
}

// allHosts is the group that every multicast link joins.
var allHosts = netip.AddrFrom4([4]byte{224, 0, 0, 1})

func (h *Host) inputMulticast4(q *Query, conf *LinkConf) Decision {
	if q.Dst != allHosts && !h.allGroups {
		return drop("multicast group not joined")
	}
	switch {
	case q.Src.IsMulticast(), q.Src == limitedBroadcast, isLoopback4(q.Src) && !conf.RouteLocalnet && q.In.Name != "lo":
		return martian("martian source")
	case !isZeroNet(q.Src) && !h.ValidSource(q, nil):
		return martian("martian source")
	}
	return Decision{Action: ActionDeliver, Result: Result{Type: Multicast}}
}

// ValidSource is fib_validate_source: whether a packet from q.Src may arrive on
// q.In. out is the link it would be forwarded to, nil if it is for the host.
func (h *Host) ValidSource(q *Query, out *nf.Link) bool {
	conf := h.conf[q.In]
	if conf.RPFilter == 0 && (out != q.In || !conf.SendRedirects) {
		// Custom rules or local routes make the list of addresses a bad guess.
		if conf.AcceptLocal || !h.customFIB {
			return conf.AcceptLocal || !h.Owns(q.Src)
		}
	}
	back := q.reverse()
	if conf.SrcValidMark {
		back.Mark = q.Mark
	}
	back.In = nil
	res := h.Lookup(&back)
	switch {
	case res.Type == Unicast || res.Type == Local && conf.AcceptLocal:
	case res.Route == nil && res.Type == Unreachable && !res.ruleMatched:
		return conf.RPFilter == 0
	case res.Type.errorType():
		return conf.RPFilter == 0
	default:
		return false
	}
	if res.Route.usesDevice(q.In) || conf.RPFilter == 0 {
		return true
	}
	if conf.RPFilter == 1 {
		return false
	}
	return true // loose: any way back will do
}

// routeImplicit forwards out of the other interface, or delivers.
func (h *Host) routeImplicit(q *Query) Decision {
	out := h.Other(q.In)
	if out == nil {
		return Decision{Action: ActionDeliver}
	}
	return Decision{Action: ActionForward, Result: Result{Type: Unicast, Out: out, NextHop: q.Dst}}
}
