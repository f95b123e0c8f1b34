package netfilter

import (
	"time"

	"nfvm/ct"
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// codeReassembly is the ICMP and ICMPv6 time-exceeded code for a datagram whose
// fragments never came together (RFC 792, RFC 4443).
const codeReassembly = 1

// fragConfig takes the limits of reassembly from the host's sysctls.
func fragConfig(h *host.Host, s *ct.Sysctls) packet.FragConfig {
	c := packet.DefaultFragConfig()
	c.IPv4.Timeout = int64(h.SysctlInt("net.ipv4.ipfrag_time")) * int64(time.Second)
	c.IPv4.High = h.SysctlInt("net.ipv4.ipfrag_high_thresh")
	c.IPv4.MaxDist = h.SysctlInt("net.ipv4.ipfrag_max_dist")
	c.IPv6.Timeout = int64(s.Frag6Timeout) * int64(time.Second)
	c.IPv6.High = int(s.Frag6HighThreshold)
	return c
}

// defragment hands fragments to the reassembler of connection tracking; the
// packet goes on when it is whole, as the whole datagram.
func (e *Engine) defragment(s *skb, kind packet.FragKind) (nf.Verdict, string) {
	if e.worker != nil {
		if !s.MayBeFragment() {
			return nf.Accept, ""
		}
		e.alone()
	}
	if s.hook == nf.HookOutput {
		kind = packet.FragConntrackOut
	}
	switch e.frags.Add(&s.Packet, packet.FragUser{Kind: kind, Zone: s.Zone}, e.now) {
	case packet.FragHeld:
		e.finish(s, Held, "")
		return nf.Stolen, ""
	case packet.FragDrop:
		return nf.Drop, "fragment refused"
	}
	return nf.Accept, ""
}

// whole reassembles a packet that is for the host itself, where tracking has
// not done so.
func (e *Engine) whole(s *skb) bool {
	if !s.IsFragment() {
		return true
	}
	v, why := e.defragment(s, packet.FragLocal)
	if v == nf.Drop {
		e.drop(s, why)
	}
	return v == nf.Accept
}

// fragmentsExpired answers the sender of a datagram of which the first fragment
// came but not the rest (RFC 792, RFC 4443). A router that collected IPv4
// fragments for tracking stays silent unless the datagram was for itself; with
// IPv6 the kernel makes no such difference.
func (e *Engine) fragmentsExpired(first *packet.Packet, user packet.FragUser) {
	if first.Family == nf.FamilyIPv4 && user.Kind != packet.FragLocal &&
		!e.host.Owns(first.Dst().Netip(first.Family)) {
		return
	}
	s := e.get(0)
	defer e.put(s)
	s.buf = append(s.buf[:0], first.IP()...)
	s.Reset(s.buf, false)
	s.EtherType, s.In, s.arrived, s.PktType = first.EtherType, first.In, first.In, first.PktType
	s.Family, s.Transport, s.Proto, s.L4Known = first.Family, first.Transport, first.Proto, first.L4Known
	s.many = e.isMany(s)
	kind := uint8(icmpTimeExceeded)
	if s.Family == nf.FamilyIPv6 {
		kind = icmp6TimeExceeded
	}
	e.sendError(s, nf.HookInput, icmpError{kind: kind, code: codeReassembly})
}
