package netfilter

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// offloaded passes a packet on by a flowtable, if it belongs to one of its flows
// and nothing needs the longer way: fragments, options, tags, the last hop, what
// is too large (nf_flow_offload_ip_hook). It reports whether it has.
func (e *Engine) offloaded(s *skb, ft *flowtable) bool {
	k, ok := s.flowKey()
	if !ok {
		return false
	}
	end, known := ft.byKey[k]
	if !known {
		return false
	}
	f := end.flow
	entry := e.ct.Entry(f.ct)
	if entry == nil || entry.Dying() {
		return false
	}
	if f.host != e.host { // its ways may be others now
		e.endFlow(ft, f, e.now, 0)
		return false
	}
	way := &f.way[end.dir]
	if s.Offload.SegSize == 0 && len(s.Data)-s.Network > way.MTU() {
		return false
	}
	if k.Proto == nf.ProtoTCP {
		flags := s.L4()[13]
		if f.closing && flags&nf.TCPSyn != 0 { // a new connection of the same ports
			e.endFlow(ft, f, e.now, 0)
			return false
		}
		f.closing = f.closing || flags&(nf.TCPFin|nf.TCPRst) != 0
	}
	f.expires = e.now + e.flowTimeout(k.Proto)
	size := len(s.Data) - s.Network
	s.flowTranslate(entry, end.dir)
	s.DecTTL()
	if ft.decl.Counter {
		e.ct.Account(entry, end.dir, size)
	}
	s.route, s.routed = *way, true
	if e.opt.Bypass != nil {
		e.bypassFlow(s, ft, end)
	}
	e.sendIP(s, s.Data[s.Network:])
	return true
}

// flowKey gives what flows are found by, if the packet may belong to one.
func (s *skb) flowKey() (k FlowKey, ok bool) {
	const ipv4Size, ipv6Size, greSize = 20, 40, 4
	header := ipv4Size
	if s.Family == nf.FamilyIPv6 {
		header = ipv6Size
	}
	if s.Tagged || !s.L4Known || s.Transport != header || s.FragOffset != 0 || s.MoreFrags || s.TTL() <= 1 {
		return k, false
	}
	k = FlowKey{Src: s.Src(), Dst: s.Dst(), Family: s.Family, Proto: s.Proto, In: s.arrived.Index}
	b := s.L4()
	switch s.Proto {
	case nf.ProtoTCP:
		ok = len(b) >= packet.TCPSize
	case nf.ProtoUDP:
		ok = len(b) >= packet.UDPSize
	case nf.ProtoGRE:
		return k, len(b) >= greSize && b[0] == 0 && b[1] == 0 // version 0 and nothing optional
	}
	if ok {
		k.SrcPort, k.DstPort, ok = s.Ports()
	}
	return k, ok
}

// flowTranslate makes of a packet what its connection's translation asks for
// (nf_flow_nat_ip).
func (s *skb) flowTranslate(entry *ct.Entry, dir nf.Dir) {
	was, other := &entry.Tuple[dir], &entry.Tuple[1-dir]
	if other.Dst != was.Src {
		s.SetSrc(other.Dst)
	}
	if other.Src != was.Dst {
		s.SetDst(other.Src)
	}
	if was.L4 == nf.ProtoGRE {
		return
	}
	if other.DstID != was.SrcID {
		s.SetSrcPort(other.DstID)
	}
	if other.SrcID != was.DstID {
		s.SetDstPort(other.SrcID)
	}
}
