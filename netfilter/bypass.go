package netfilter

import (
	"net/netip"
	"slices"

	"nfvm/nf"
	"nfvm/packet"
)

// A Bypass forwards packets of flowtables' flows without the engine's seeing them.
// What begins or ends a TCP connection, fragments, and what is at its last hop, too
// large or has options it must leave to the engine.
type Bypass interface {
	// Put has the packets of one direction of a flow forwarded, and reports whether
	// they are. It may be there already, from before Suspend.
	Put(*FlowKey, *FlowWay) bool
	// Use tells what was forwarded since it was asked last, or since Put.
	Use(*FlowKey) FlowUse
	// Remove ends what Put began, and tells what Use would have told.
	Remove(*FlowKey) FlowUse
	// Suspend has nothing forwarded any more before it is put again.
	Suspend()
}

// A FlowWay is what becomes of the packets of one direction of a flow: as what they
// leave, by which link, and to whom.
type FlowWay struct {
	Src, Dst         packet.Addr
	SrcPort, DstPort uint16
	Out              *nf.Link
	NextHop          netip.Addr
	MAC              [6]byte // of the next hop
	MTU              int     // bytes of the largest packet
	// Conn is the number of the connection that follows the packets (ConnBypass), 0 for
	// none; Dir is their direction in it, and Service the type of service that they
	// must have, but for the two bits of congestion notification.
	Conn    uint32
	Dir     nf.Dir
	Service uint8
}

// A FlowUse counts packets, and their bytes from the network header on; Last is when
// the last one passed (nanoseconds since the epoch, 0 for none).
type FlowUse struct {
	Packets, Bytes uint64
	Last           int64
}

// A bypassState is what the Bypass has of one direction of a flow.
type bypassState struct {
	put   bool
	epoch uint32
	again int64 // when it is asked again, if it refused
}

// SuspendBypass has all packets come to the engine until their flows are given to
// the Bypass again. It is for changes of neighbours.
func (e *Engine) SuspendBypass() {
	if e.opt.Bypass != nil {
		e.bypassEpoch++
		e.opt.Bypass.Suspend()
	}
}

// bypassFlow gives the direction of a packet that a flowtable forwards to the
// Bypass, where no chain would see its packets.
func (e *Engine) bypassFlow(s *skb, ft *flowtable, end flowEnd) {
	f := end.flow
	b, k := &f.bypass[end.dir], &f.keys[end.dir]
	if b.put && b.epoch == e.bypassEpoch || f.closing || e.now < b.again || !e.mayBypass(s, ft, k) {
		return
	}
	mac, known := e.nextHopMAC(s)
	if !known {
		return
	}
	if b.put {
		e.useBypass(ft, f, end.dir, e.opt.Bypass.Use(k))
	}
	b.put = e.opt.Bypass.Put(k, &FlowWay{
		Src: s.Src(), Dst: s.Dst(), SrcPort: f.keys[1-end.dir].DstPort, DstPort: f.keys[1-end.dir].SrcPort,
		Out: s.route.Out, NextHop: s.nextHop(), MAC: mac, MTU: s.route.MTU(),
	})
	if b.epoch = e.bypassEpoch; !b.put {
		b.again = e.now + flowCheck
	}
}

// mayBypass reports whether nothing but the flowtable sees a packet on its way.
func (e *Engine) mayBypass(s *skb, ft *flowtable, k *FlowKey) bool {
	out := s.route.Out
	if k.Proto != nf.ProtoTCP && k.Proto != nf.ProtoUDP || !s.Link || !out.Ether || out.Bridge != nil || out == e.lo {
		return false
	}
	on := func(l *nf.Link) func(deviceChain) bool {
		return func(d deviceChain) bool { return slices.Contains(d.devices(), l.Name) }
	}
	first := slices.IndexFunc(e.rules.ingress, on(s.arrived))
	return e.rules.ingress[first].flowtable == ft && !slices.ContainsFunc(e.rules.egress, on(out))
}

// readBypass notes what the Bypass has forwarded of a flow.
func (e *Engine) readBypass(ft *flowtable, f *flow) {
	for d := range f.bypass {
		if f.bypass[d].put {
			e.useBypass(ft, f, nf.Dir(d), e.opt.Bypass.Use(&f.keys[d]))
		}
	}
}

// endBypass has the Bypass forward no more of a flow.
func (e *Engine) endBypass(ft *flowtable, f *flow) {
	for d := range f.bypass {
		if f.bypass[d].put {
			f.bypass[d].put = false
			e.useBypass(ft, f, nf.Dir(d), e.opt.Bypass.Remove(&f.keys[d]))
		}
	}
}

// useBypass has a flow, and its connection, count what was forwarded.
func (e *Engine) useBypass(ft *flowtable, f *flow, d nf.Dir, u FlowUse) {
	if u.Packets == 0 {
		return
	}
	f.expires = max(f.expires, u.Last+e.flowTimeout(f.keys[d].Proto))
	if entry := e.ct.Entry(f.ct); entry != nil && ft.decl.Counter {
		e.ct.AccountMany(entry, d, u.Packets, u.Bytes)
	}
}
