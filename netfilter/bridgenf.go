package netfilter

import (
	"net/netip"

	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// bridged is what br_netfilter notes of a packet (struct nf_bridge_info).
type bridged struct {
	forwarded bool // it has passed forward of IP
	// redirected tells that translation sends it to another station on the bridge.
	redirected bool
	// routed tells that translation sends it to the host, and that decision is
	// what this does with it, whatever rules write on the way there.
	routed   bool
	decision host.Decision
	// heard tells that the host has it, and has passed over prerouting of IP,
	// where it had been (sabotage_in_done).
	heard bool
}

// bridgeCalls are the sysctls that say which packets br_netfilter takes.
type bridgeCalls struct{ ip, ip6, arp, tagged bool }

func bridgeCallsOf(h *host.Host) bridgeCalls {
	on := func(name string) bool { return h.SysctlInt("net.bridge.bridge-nf-"+name) != 0 }
	return bridgeCalls{on("call-iptables"), on("call-ip6tables"), on("call-arptables"), on("filter-vlan-tagged")}
}

// bridgeNF takes a packet that is bridged through the hooks of IP, as
// br_netfilter does from within the hooks of the bridge.
func (e *Engine) bridgeNF(s *skb) (nf.Verdict, string) {
	switch s.hook {
	case nf.HookPrerouting:
		return e.bridgeNFPrerouting(s)
	case nf.HookForward:
		return e.bridgeNFForward(s)
	case nf.HookPostrouting:
		return e.bridgeNFPostrouting(s)
	}
	// br_nf_local_in: copies of one frame can't all confirm their connection.
	if entry := e.entry(s); entry != nil && s.PktType != nf.PacketHost && !entry.Confirmed() {
		return e.ct.Enter(&s.Packet, e.now), "another connection has this tuple"
	}
	return nf.Accept, ""
}

// callsIP reports whether packets that are bridged pass the hooks of IP.
func (e *Engine) callsIP(s *skb, br *nf.Bridge) bool {
	switch {
	case s.EtherType == nf.EtherTypeIPv4:
		if !br.CallIPTables && !e.bridgeCalls.ip {
			return false
		}
	case s.EtherType == nf.EtherTypeIPv6:
		if !br.CallIP6Tables && !e.bridgeCalls.ip6 {
			return false
		}
	default:
		return false
	}
	return !s.Tagged || e.bridgeCalls.tagged
}

func (e *Engine) bridgeNFPrerouting(s *skb) (nf.Verdict, string) {
	br := s.In.Port.Bridge
	if !e.callsIP(s, br.Bridge) {
		return nf.Accept, ""
	}
	if why := s.CheckBridged(); why != packet.OK {
		return nf.Drop, why.String()
	}
	s.bridged, s.Bridged, s.PhysIn, s.PhysOut = bridged{}, true, s.In, nil
	dst := s.Dst()
	if !e.throughIP(s, nf.HookPrerouting, br, nil) {
		return nf.Stolen, ""
	}
	if s.Dst() != dst {
		return e.redirectBridged(s, br)
	}
	return nf.Accept, ""
}

func (e *Engine) bridgeNFForward(s *skb) (nf.Verdict, string) {
	if s.EtherType == nf.EtherTypeARP {
		return e.forwardARP(s)
	}
	if !s.Bridged {
		return nf.Accept, ""
	}
	if why := s.CheckBridged(); why != packet.OK {
		return nf.Drop, why.String()
	}
	s.bridged.forwarded, s.PhysOut = true, s.Out
	if !e.throughIP(s, nf.HookForward, s.In.Port.Bridge, s.Out.Port.Bridge) {
		return nf.Stolen, ""
	}
	return nf.Accept, ""
}

func (e *Engine) bridgeNFPostrouting(s *skb) (nf.Verdict, string) {
	if !s.bridged.forwarded {
		return nf.Accept, ""
	}
	s.ParseIPChecked()
	if !e.throughIP(s, nf.HookPostrouting, nil, s.Out.Port.Bridge) {
		return nf.Stolen, ""
	}
	return nf.Accept, ""
}

// throughIP takes a packet through a hook of IP from within one of the
// bridge. The packet looks as if it were for the host, by way of the bridge.
func (e *Engine) throughIP(s *skb, h nf.Hook, in, out *nf.Link) bool {
	hook, wasIn, wasOut, dev, port := s.hook, s.In, s.Out, s.Dev, s.arrived
	if s.PktType == nf.PacketOtherHost {
		s.PktType, s.OtherHost = nf.PacketHost, true
	}
	s.at, s.arrived = nf.FamilyUnspec, port.Port.Bridge
	ok := e.traverse(s, h, in, out)
	if s.OtherHost { // or the first fragment was, of what is put together now
		s.PktType, s.OtherHost = nf.PacketOtherHost, false
	}
	if ok {
		s.at, s.arrived = nf.FamilyBridge, port
		s.hook, s.In, s.Out, s.Dev = hook, wasIn, wasOut, dev
	}
	return ok
}

// redirectBridged finds where a packet with a new destination goes: on the same
// bridge to the next hop's link-layer address, which it gets behind prerouting,
// else to the host, which routes or refuses it (br_nf_pre_routing_finish). One
// that must not come by the bridge at all ends here.
func (e *Engine) redirectBridged(s *skb, br *nf.Link) (nf.Verdict, string) {
	d := e.lookupInput(s, br)
	switch {
	case d.Martian, s.Family == nf.FamilyIPv6 && d.Refused():
		return nf.Drop, d.Reason
	case d.Result.Out == br && (d.Action == host.ActionForward || s.Family == nf.FamilyIPv6 && d.Action == host.ActionDrop):
		s.route, s.bridged.redirected = d.Result, true
		return nf.Accept, ""
	}
	copy(s.EtherDst(), br.MAC[:])
	s.PktType = nf.PacketHost
	s.bridged.routed, s.bridged.decision, s.many = true, d, e.isMany(s)
	return nf.Accept, ""
}

// readdress gives a packet that stays on the bridge the link-layer address of
// where address translation sends it (br_nf_pre_routing_finish_bridge). It reports
// whether the packet goes on: to the first one for a neighbour the kernel writes
// its header by way of sending it, from the bridge, past its egress hook.
func (e *Engine) readdress(s *skb, br *nf.Link) bool {
	mac, known := e.nextHopMAC(s)
	s.unknownHop, s.bridged.redirected = !known, false
	copy(s.EtherDst(), mac[:])
	if len(e.rules.egress) == 0 || !known || !e.firstTo(br, s.nextHop()) {
		return true
	}
	const from, to = 6, 14 // source and type
	header := [to - from]byte(s.Data[from:to])
	copy(s.EtherSrc(), br.MAC[:])
	v := e.deviceHook(s, nf.HookEgress, e.rules.egress, br)
	copy(s.Data[from:to], header[:])
	return v == nf.Accept
}

// A header is a link-layer header that the kernel has ready for a neighbour
// (struct hh_cache).
type header struct {
	link *nf.Link
	hop  netip.Addr
}

// firstTo reports whether nothing has been sent yet to a neighbour.
func (e *Engine) firstTo(l *nf.Link, hop netip.Addr) bool {
	h := header{l, hop}
	if e.headers[h] {
		return false
	}
	e.alone()
	first := !e.headers[h]
	e.headers[h] = true
	return first
}
