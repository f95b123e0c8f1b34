package host

import (
	"net/netip"

	"nfvm/nf"
)

// A Result is the outcome of a route lookup. Route is nil when there is none.
type Result struct {
	Route *Route
	Type  RouteType // Unreachable when nothing matched
	Out   *nf.Link
	// NextHop is the neighbour to send to: the gateway, or the destination.
	NextHop netip.Addr
	Gateway bool
	// ruleMatched tells that a routing rule decided, without a route.
	ruleMatched bool
}

// MTU is the largest packet in bytes that the route carries.
func (r *Result) MTU() int {
	if r.Route != nil && r.Route.MTU != 0 {
		return r.Route.MTU
	}
	if r.Out != nil {
		return r.Out.MTU
	}
	return 1500
}

// Lookup walks the routing rules of the destination's family and gives the
// first route found (fib_lookup, fib6_lookup).
func (h *Host) Lookup(q *Query) Result {
	rules := h.rules6
	if q.Dst.Is4() {
		rules = h.rules4
	}
	for i := 0; i < len(rules); i++ {
		r := &rules[i]
		if !r.matches(q) {
			continue
		}
		switch r.Action {
		case RuleBlackhole:
			return Result{Type: Blackhole, ruleMatched: true}
		case RuleUnreachable:
			return Result{Type: Unreachable, ruleMatched: true}
		case RuleProhibit:
			return Result{Type: Prohibit, ruleMatched: true}
		case RuleGoto:
			for i+1 < len(rules) && rules[i+1].Priority < r.Goto {
				i++
			}
			continue
		}
		if res, ok := h.lookupTable(r, q); ok {
			return res
		}
	}
	return Result{Type: Unreachable}
}

// lookupTable looks in the table of one rule; a throw route sends the search on
// to the next rule.
func (h *Host) lookupTable(rule *Rule, q *Query) (Result, bool) {
	t := h.tables[rule.Table]
	if t == nil {
		return Result{}, false
	}
	r, hop := t.lookup(q)
	if r == nil || r.Type == Throw || r.Dst.Bits() <= rule.SuppressBits {
		return Result{}, false
	}
	res := Result{Route: r, Type: r.Type, NextHop: q.Dst}
	if hop >= 0 {
		res.Out = r.Hops[hop].Dev
		if gw := r.Hops[hop].Gateway; gw.IsValid() {
			res.NextHop, res.Gateway = gw, true
		}
	}
	return res, true
}

// LocalType gives the type of an IPv4 address by the local table alone, as
// `fib daddr type` and ICMP see it (inet_addr_type): Local, Broadcast,
// Multicast or Unicast. With dev the address must belong to that device.
func (h *Host) LocalType(a netip.Addr, dev *nf.Link) RouteType {
	if isZeroNet(a) || a == limitedBroadcast {
		return Broadcast
	}
	if a.IsMulticast() {
		return Multicast
	}
	t := h.tables[TableLocal]
	if t == nil {
		return Unicast
	}
	r, _ := t.lookup(&Query{Dst: a})
	if r == nil || dev != nil && !r.usesDevice(dev) {
		return Unicast
	}
	return r.Type
}

var limitedBroadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// isZeroNet reports the address 0.0.0.0; the rest of 0.0.0.0/8 is like any
// other since Linux 5.3 (ipv4_is_zeronet).
func isZeroNet(a netip.Addr) bool { return a == netip.IPv4Unspecified() }

// Uses reports whether any way of the route leaves by l.
func (r *Result) Uses(l *nf.Link) bool {
	return r.Out == l || r.Route != nil && r.Route.usesDevice(l)
}
