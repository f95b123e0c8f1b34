package netfilter

import (
	"net/netip"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/host"
	"nfvm/nat"
	"nfvm/nf"
	"nfvm/osf"
	"nfvm/packet"
	"nfvm/vm"
)

// env is the engine as rules see it (vm.Env).
type env Engine

func (v *env) engine() *Engine { return (*Engine)(v) }

// Now is the time of the packet.
func (v *env) Now() int64 { return v.now }

// Rand gives random bits from the engine's seed.
func (v *env) Rand() uint32 { return v.rand.Uint32() }

// Conntrack is the engine's connection table.
func (v *env) Conntrack() *ct.Table { return v.ct }

// NAT is the engine's address translation.
func (v *env) NAT() *nat.Engine { return v.nat }

// MasqueradeAddr is the address of the output interface for the next hop.
func (v *env) MasqueradeAddr(p *packet.Packet) (packet.Addr, bool) {
	e, s := v.engine(), v.current
	var a netip.Addr
	ok := false
	if p.Family == nf.FamilyIPv4 {
		a, ok = e.host.SelectSource4(p.Out, s.route.NextHop, host.ScopeUniverse)
	} else {
		a, ok = e.host.SelectSource6(p.Out, p.Dst().Netip(p.Family))
	}
	return packet.AddrFrom(a), ok
}

// RedirectAddr is the host's own address that redirect leads to.
func (v *env) RedirectAddr(p *packet.Packet) (packet.Addr, bool) {
	e, hook := v.engine(), v.current.hook
	switch {
	case hook == nf.HookOutput && p.Family == nf.FamilyIPv4:
		return packet.AddrFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1})), true
	case hook == nf.HookOutput:
		return packet.AddrFrom(netip.IPv6Loopback()), true
	case p.Family == nf.FamilyIPv4:
		a, ok := e.host.FirstAddress4(p.In)
		return packet.AddrFrom(a), ok
	}
	a, ok := e.host.FirstAddress6(p.In, p.Dst().Netip(p.Family))
	return packet.AddrFrom(a), ok
}

// BroadcastMask is the netmask of the subnet that a packet is broadcast to.
func (v *env) BroadcastMask(p *packet.Packet) (mask packet.Addr, ok bool) {
	dst := p.Dst().Netip(p.Family)
	for _, a := range v.host.Addresses(p.Out) {
		if !a.Secondary && a.Local.Is4() && a.Broadcast == dst {
			return packet.Addr4(^uint32(0) << (32 - a.Prefix.Bits())), true
		}
	}
	return mask, false
}

// LeavesBy reports whether packets to an address leave by the link that p leaves
// by.
func (v *env) LeavesBy(p *packet.Packet, to packet.Addr) bool {
	return p.Out != nil && v.host.Lookup(&host.Query{Dst: to.Netip(p.Family)}).Out == p.Out
}

// SameWay reports whether packets to two addresses go to the same neighbor.
func (v *env) SameWay(p *packet.Packet, a, b packet.Addr) bool {
	one := v.host.Lookup(&host.Query{Dst: a.Netip(p.Family)})
	other := v.host.Lookup(&host.Query{Dst: b.Netip(p.Family)})
	return one.Route != nil && other.Route != nil && one.NextHop == other.NextHop && one.Out == other.Out
}

// Reject answers the packet being evaluated.
func (v *env) Reject(_ *packet.Packet, hook nf.Hook, r *bytecode.Reject) {
	v.engine().alone()
	v.engine().reject(v.current, hook, r)
}

// HeaderProblem answers the packet being evaluated.
func (v *env) HeaderProblem(_ *packet.Packet, hook nf.Hook, offset uint32) {
	v.engine().sendError(v.current, hook, icmpError{kind: icmp6Parameter, info: offset})
}

// Dup sends a copy of the packet being evaluated.
func (v *env) Dup(_ *packet.Packet, hook nf.Hook, gateway packet.Addr, ifindex int) {
	v.engine().alone()
	var out *nf.Link
	if ifindex != 0 {
		out = v.host.LinkByIndex(ifindex)
	}
	v.engine().dup(v.current, hook, gateway, out)
}

// Log gives a packet that a rule logs to whoever listens.
func (v *env) Log(p *packet.Packet, hook nf.Hook, c *vm.Chain, l *bytecode.Log) {
	if v.opt.Log != nil {
		v.engine().alone()
		p.Time = v.now
		v.opt.Log(p, hook, l)
	}
}

// Systems are the fingerprints that the engine was given.
func (v *env) Systems() *osf.Database { return v.opt.Systems }

// Fib looks an address of the packet up in the routing tables.
func (v *env) Fib(p *packet.Packet, hook nf.Hook, f *bytecode.Fib) vm.FibResult {
	return v.engine().fib(v.current, hook, f)
}

// Route gives the route of the packet being evaluated.
func (v *env) Route(p *packet.Packet, hook nf.Hook) (vm.Route, bool) {
	s := v.current
	if !s.routed {
		return vm.Route{}, false
	}
	if s.route.Out == nil { // for the host itself
		return vm.Route{NextHop: s.Dst(), MTU: v.lo.MTU}, true
	}
	r := vm.Route{NextHop: packet.AddrFrom(s.nextHop()), MTU: s.route.MTU()}
	if s.route.Route != nil {
		r.Realm = s.route.Route.Realm
	}
	// The way back counts as well (get_tcpmss).
	if back := v.host.Lookup(&host.Query{Dst: s.Src().Netip(s.Family)}); back.Out != nil {
		r.MTU = min(r.MTU, back.MTU())
	}
	return r, true
}
