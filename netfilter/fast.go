package netfilter

import (
	"slices"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/vm"
)

// A ConnBypass is a Bypass that can follow connections: it forwards the plain packets of
// established flows (vm.Machine.Steady) as the engine would, to the last counter. What
// is no plain packet, or does not fit the connection, it must leave to the engine.
//
// With these methods FlowWay.Conn is a number of a connection, which Put and Remove
// may name only between PutConn and RemoveConn.
type ConnBypass interface {
	Bypass
	// PutConn has the packets of a connection forwarded, from how it is now, and reports
	// whether there is room. It may be there already.
	PutConn(id uint32, w *ct.Windows) bool
	// Conn tells how it is, and what was forwarded since it was told last.
	Conn(id uint32) BypassConn
	// TakeConn does the same, and has no packet forwarded any more before PutConn.
	TakeConn(id uint32) BypassConn
	// RemoveConn forgets it, when it is taken.
	RemoveConn(id uint32)
}

// A BypassConn is what a ConnBypass knows of a connection: Use is by nf.Dir, Windows
// are those of TCP.
type BypassConn struct {
	Use     [2]FlowUse
	Windows ct.Windows
}

// A fastFlow is an established connection that the Bypass forwards, or may, when both
// directions are ready.
type fastFlow struct {
	ct       uint32 // and its number
	epoch    uint32
	ready    [2]bool
	keys     [2]FlowKey
	ways     [2]FlowWay
	counters [2][]*vm.State // that each packet passes
	in       bool           // the Bypass has it
	taken    bool           // for a while
	visits   int            // of packets that came to the engine nevertheless
	idle     int            // checks without packets
}

// fastFlows are those of an engine.
type fastFlows struct {
	bypass    ConnBypass // nil: there are none
	byID      map[uint32]*fastFlow
	taken     []*fastFlow
	unchecked []*fastFlow
	nextCheck int64
}

const (
	// fastAfter is how many packets of a connection the engine sees before it considers
	// to have it forwarded: short connections are not worth it.
	fastAfter = 16
	// fastLater is the count of one that rules keep with the engine: they are asked again
	// after so many packets more.
	fastLater = -30000
	// fastVisits is how many packets of a flow may come to the engine between two
	// checks before it is seen to by the engine for a while, fastIdle how many checks it
	// may be without packets.
	fastVisits = 200
	fastIdle   = 5
)

func (e *Engine) initFast() {
	b, ok := e.opt.Bypass.(ConnBypass)
	if !ok || !e.opt.FastFlows {
		return
	}
	e.fast.bypass, e.fast.byID = b, map[uint32]*fastFlow{}
	e.ct.OnElsewhere, e.ct.OnKnow = e.takeFast, e.knowFast
	next := e.ct.OnFree
	e.ct.OnFree = func(entry *ct.Entry) {
		if f := e.fast.byID[entry.ID]; f != nil {
			e.endFast(f, nil)
		}
		if next != nil {
			next(entry)
		}
	}
}

// considerFast sees whether a packet that has just been tracked is a plain one of a flow
// that may be forwarded without the engine: if rules turn out to be steady, offerFast
// follows.
func (e *Engine) considerFast(s *skb) {
	if e.fast.bypass == nil || s.CT == 0 || s.hook != nf.HookPrerouting ||
		s.CTInfo != nf.CTEstablished && s.CTInfo != nf.CTEstablishedReply {
		return
	}
	entry := e.ct.Entry(s.CT)
	switch {
	case entry == nil || entry.Seen == ct.Elsewhere || s.Proto != entry.L4():
		return
	case entry.Seen < fastAfter:
		entry.Seen++
		return
	}
	if f := e.fast.byID[entry.ID]; f != nil && f.epoch == e.bypassEpoch && f.ready[s.CTInfo.Dir()] || !s.plain() {
		return
	}
	switch {
	case !e.ct.Steady(entry, e.now): // yet
		entry.Seen = 0
	case e.mayBeFast(s, entry):
		s.fast, s.fastEpoch = true, e.bypassEpoch
	default:
		entry.Seen = fastLater
	}
}

// plain reports whether the packet is one that a ConnBypass would forward, as far as
// its headers tell.
func (s *skb) plain() bool {
	if _, ok := s.flowKey(); !ok || s.PktType != nf.PacketHost || !s.Link {
		return false
	}
	return s.Proto == nf.ProtoUDP || s.Proto == nf.ProtoTCP && s.L4()[13]&^(nf.TCPPsh|nf.TCPEce|nf.TCPCwr) == nf.TCPAck
}

// mayBeFast looks at all but the rules that are still ahead.
func (e *Engine) mayBeFast(s *skb, entry *ct.Entry) bool {
	if s.Trace || e.opt.TraceAll || s.arrived.Port != nil || s.proxied || entry.Zone != 0 {
		return false
	}
	if slices.ContainsFunc(e.rules.ingress, func(d deviceChain) bool { return slices.Contains(d.devices(), s.arrived.Name) }) {
		return false
	}
	id, info := s.CT, s.CTInfo
	s.CT, s.CTInfo = 0, 0
	defer func() { s.CT, s.CTInfo = id, info }()
	stages := e.rules.stages[familyIndex(s.Family)][nf.HookPrerouting]
	for i := range stages {
		switch st := &stages[i]; st.kind {
		case stageTrack:
			return true
		case stageChain:
			if !e.steady(s, st.chain) {
				return false
			}
		}
	}
	return false
}

// steady has a chain tell whether it does the same with all plain packets of a flow, and
// notes what counts them.
func (e *Engine) steady(s *skb, c *vm.Chain) (ok bool) {
	before := e.current
	e.current = s
	s.counters, ok = e.machine().Steady(c, &s.Packet, s.hook, s.counters)
	e.current = before
	return ok
}

// meetSteady is for each chain that a packet which may be forwarded meets.
func (e *Engine) meetSteady(s *skb, c *vm.Chain) {
	if e.steady(s, c) {
		return
	}
	s.fast = false
	if entry := e.entry(s); entry != nil {
		entry.Seen = fastLater
	}
}

// offerFast notes the way of a packet that is about to leave, all rules having been
// steady, and when both ways are known has the connection forwarded.
func (e *Engine) offerFast(s *skb) {
	e.alone()
	s.fast = false
	entry := e.entry(s)
	if entry == nil || entry.Seen < fastAfter || entry.Seen == ct.Elsewhere || !e.ct.Steady(entry, e.now) || s.fastEpoch != e.bypassEpoch {
		return // it has waited for others, too
	}
	out := s.route.Out
	mac, known := e.nextHopMAC(s)
	if !known {
		return
	}
	leaves := func(d deviceChain) bool { return slices.Contains(d.devices(), out.Name) }
	if !out.Ether || out.Bridge != nil || out == e.lo || out == s.arrived || slices.ContainsFunc(e.rules.egress, leaves) {
		entry.Seen = fastLater
		return
	}
	f, d := e.fast.byID[entry.ID], s.CTInfo.Dir()
	if f == nil || f.epoch != e.bypassEpoch {
		f = &fastFlow{ct: entry.ID, epoch: e.bypassEpoch}
		e.fast.byID[entry.ID] = f
	}
	t, other := &entry.Tuple[d], &entry.Tuple[1-d]
	f.keys[d] = FlowKey{Src: t.Src, Dst: t.Dst, SrcPort: t.SrcID, DstPort: t.DstID, Family: s.Family, Proto: t.L4, In: s.arrived.Index}
	f.ways[d] = FlowWay{
		Src: other.Dst, Dst: other.Src, SrcPort: other.DstID, DstPort: other.SrcID,
		Out: out, NextHop: s.nextHop(), MAC: mac, MTU: s.route.MTU(), Conn: f.ct, Dir: d, Service: serviceOf(&s.Packet),
	}
	f.ready[d], f.counters[d] = true, s.counters
	if f.ready[1-d] {
		e.beginFast(f, entry)
	}
	e.fast.nextCheck = min(max(e.fast.nextCheck, e.now), e.now+flowCheck)
}

// serviceOf is the type of service of a packet that is routed, without what tells of
// congestion.
func serviceOf(p *packet.Packet) uint8 { return p.TOS() &^ 3 }
