package netfilter

import (
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// millisecondsPerDay bounds the clock that IPv4 timestamps show (RFC 791).
const millisecondsPerDay = 24 * 60 * 60 * 1000

// options reads the IPv4 options of a routed packet, answers those that make no
// sense, and refuses source-routed packets where the host does not accept them
// (ip_rcv_options). It reports whether the packet goes on.
func (e *Engine) options(s *skb) bool {
	if s.Family != nf.FamilyIPv4 || s.IP()[0]&15 == 5 {
		return true
	}
	o, problem := s.ReadOptions(e.optionHost(e.recordAddr(s)))
	if problem != 0 {
		s.options = o
		e.sendError(s, nf.HookForward, icmpError{kind: icmpParameter, info: uint32(problem) << 24})
		e.drop(s, "malformed IPv4 options")
		return false
	}
	if o.SourceRoute != 0 && !e.host.Conf(s.arrived).AcceptSourceRoute {
		e.drop(s, "source route")
		return false
	}
	s.options = o
	return true
}

// optionHost is the host as options see it, with an address.
func (e *Engine) optionHost(a packet.Addr) *packet.OptionHost {
	return &packet.OptionHost{
		Addr:    a,
		Clock:   uint32(e.now / 1e6 % millisecondsPerDay),
		IsLocal: func(a packet.Addr) bool { return e.host.Owns(a.Netip(nf.FamilyIPv4)) },
	}
}

// echoOptions gives the options that an error about a packet has, false if those
// of the packet can't be answered.
func (e *Engine) echoOptions(s *skb, src packet.Addr) (opts []byte, ok bool) {
	if s.options == (packet.IPOptions{}) {
		return nil, true
	}
	opts, ok = packet.EchoOptions(e.echo, &s.Packet, &s.options, e.optionHost(src))
	e.echo = opts
	return opts, ok
}

// forwardOptions fills the options of a packet that is forwarded.
func (e *Engine) forwardOptions(s *skb) {
	if s.options == (packet.IPOptions{}) {
		return
	}
	addr, ok := e.sourceFor(&s.route, s.Dst().Netip(nf.FamilyIPv4))
	var src packet.Addr
	if ok {
		src = packet.AddrFrom(addr)
	}
	s.ForwardOptions(&s.options, src)
}

// recordAddr is the address that the host puts into options on receive.
func (e *Engine) recordAddr(s *skb) packet.Addr {
	if e.host.Owns(s.Dst().Netip(nf.FamilyIPv4)) {
		return s.Dst()
	}
	return e.addrTowards(s.Src())
}

// addrTowards is the host's own IPv4 address on the way to another, zero when
// there is none.
func (e *Engine) addrTowards(a packet.Addr) packet.Addr {
	dst := a.Netip(nf.FamilyIPv4)
	res := e.host.Lookup(&host.Query{Dst: dst})
	if res.Out == nil {
		return packet.Addr{}
	}
	src, ok := e.sourceFor(&res, dst)
	if !ok {
		return packet.Addr{}
	}
	return packet.AddrFrom(src)
}
