package netfilter

import (
	"net/netip"

	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// ICMP and ICMPv6 types and codes of the errors that a router sends.
const (
	icmpUnreach      = 3
	icmpRedirect     = 5
	icmpTimeExceeded = 11
	icmpParameter    = 12

	codeFragNeeded   = 4
	codeRedirectHost = 1

	icmp6Unreach      = 1
	icmp6TooBig       = 2
	icmp6TimeExceeded = 3
	icmp6Parameter    = 4

	codeBeyondScope = 2
)

// An icmpError is an error to be sent; the zero one is none. IPv4 has no error
// of type 0, and IPv6 none either.
type icmpError struct {
	kind, code uint8
	info       uint32
}

// sendError answers a packet with an ICMP error, as icmp_send and icmp6_send
// do: routed back to the sender, limited in rate, and through the output hook
// as a packet of the host's own that belongs to the connection it reports on.
func (e *Engine) sendError(s *skb, hook nf.Hook, msg icmpError) {
	if msg == (icmpError{}) || !s.Answerable() || e.toMany(s, hook) || e.fromNowhere(s) {
		return
	}
	e.alone()
	src, out, ok := e.errorSource(s, hook)
	if !ok || !e.limiter.allow(e, s.Family, msg.kind, s.Src(), out) {
		return
	}
	echo, ok := e.echoOptions(s, packet.AddrFrom(src))
	if !ok {
		return
	}
	reply := e.get(s.number)
	s.withPartialSum(func() {
		reply.buf = packet.AppendICMPError(reply.buf[:0], &s.Packet, packet.ICMPError{
			Type: msg.kind, Code: msg.code, Info: msg.info, Src: packet.AddrFrom(src),
			ID: uint16(e.rand.Uint32()), TTL: e.defaultTTL, Options: echo,
		})
	})
	e.originate(s, reply, true)
}

// sendProblem tells the sender of an IPv6 packet what is wrong with its header.
func (e *Engine) sendProblem(s *skb) {
	s.ParseIP()
	e.sendError(s, nf.HookPrerouting, icmpError{kind: icmp6Parameter, code: s.Problem.Code, info: s.Problem.Pointer})
}

// fromNowhere reports whether an IPv4 packet has come from the outside with a
// loopback address as its source, to which nothing goes back.
func (e *Engine) fromNowhere(s *skb) bool {
	return s.Family == nf.FamilyIPv4 && s.Src().IsLoopback(s.Family) && !s.Local && s.arrived != e.lo
}

// toMany reports whether the IPv4 packet is known as a broadcast or multicast,
// which is not answered. That is its route to tell, whatever rules have written
// since: before routing, and on its way through a bridge, it has none.
func (e *Engine) toMany(s *skb, hook nf.Hook) bool {
	unrouted := hook == nf.HookPrerouting && s.arrived != e.lo && !s.routed
	return s.many && !unrouted && (!s.Bridged || s.bridged.heard)
}

// errorSource chooses the source address of an error: the address that was
// spoken to if it is the host's own, else what routing back suggests.
func (e *Engine) errorSource(s *skb, hook nf.Hook) (netip.Addr, *nf.Link, bool) {
	back := host.Query{Dst: s.Src().Netip(s.Family), TOS: (s.TOS()&0x1e | 0xc0) & 0x1c}
	dst := s.Dst().Netip(s.Family)
	if e.host.IsImplicit() {
		return dst, s.arrived, s.arrived != nil
	}
	if back.Dst.IsLinkLocalUnicast() {
		back.Out = s.arrived
	}
	// Before routing only what came through lo has a route, its sender's.
	routed := hook != nf.HookPrerouting || s.arrived == e.lo
	own := e.host.Owns(dst) || dst.Is4() && e.host.LocalType(dst, nil) == host.Local // all of 127.0.0.0/8 is
	if own && routed {
		back.Src = dst
	}
	if hook == nf.HookInput && s.Family == nf.FamilyIPv4 && !own {
		return dst, nil, false // a rule has changed it, and it is no source
	}
	res := e.host.Lookup(&back)
	if res.Type == host.Local {
		res.Out = e.lo
	}
	if res.Out == nil {
		return dst, nil, false
	}
	if own && (s.Family == nf.FamilyIPv6 || routed) {
		return dst, res.Out, e.mayLeave(dst, res.Out)
	}
	if noHint := res.Route == nil || !res.Route.PrefSrc.IsValid(); noHint && s.Family == nf.FamilyIPv6 && s.arrived != nil {
		// the link that the packet came by counts, not the one of the answer
		src, ok := e.host.SelectSource6(s.arrived, back.Dst)
		return src, res.Out, ok
	}
	src, ok := e.sourceFor(&res, back.Dst)
	return src, res.Out, ok
}

// sourceFor is the address that the host would use on a route.
func (e *Engine) sourceFor(res *host.Result, dst netip.Addr) (netip.Addr, bool) {
	if res.Route != nil && res.Route.PrefSrc.IsValid() {
		return res.Route.PrefSrc, true
	}
	if dst.Is4() {
		return e.host.SelectSource4(res.Out, res.NextHop, host.ScopeUniverse)
	}
	return e.host.SelectSource6(res.Out, dst)
}

// originate sends a packet that the host makes because of another one, and perhaps
// attaches it to that one's connection (nf_ct_attach).
func (e *Engine) originate(cause, s *skb, attach bool) {
	s.Reset(s.buf, false)
	s.EtherType = cause.EtherType
	s.generated, s.Local, s.Time, s.sentBy = true, true, e.now, cause.arrived
	s.Trace = false
	defer e.put(s)
	if s.CheckIP() != packet.OK {
		return
	}
	if attach && (cause.CT != 0 || cause.CTInfo != 0) {
		s.CTInfo = nf.CTRelated // even without a connection, of a packet that is untracked
		if cause.CTInfo.Dir() == nf.DirOriginal {
			s.CTInfo = nf.CTRelatedReply
		}
		s.CT = cause.CT
		s.Zone, s.ZoneDir = cause.Zone, cause.ZoneDir // of its template
		defer func() { s.CT = 0 }()                   // it is the other packet's to release
	}
	e.output(s)
}
