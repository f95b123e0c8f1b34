package netfilter

import (
	"math"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// A flowtable passes the packets of connections that rules have given it from
// link to link right at ingress: all hooks but ingress and egress of the links
// are left out (nf_flow_table_core.c, nf_flow_table_ip.c).
type flowtable struct {
	decl *bytecode.Flowtable
	*flowSet
}

// flowName says which flowtable of a program one is.
type flowName struct {
	family      nf.Family
	table, name string
}

// A FlowKey is what a packet must have to belong to a flow.
type FlowKey struct {
	Src, Dst         packet.Addr
	SrcPort, DstPort uint16
	Family           nf.Family
	Proto            uint8
	In               int // ifindex
}

// A flow is a connection in the keeping of a flowtable.
type flow struct {
	ct      uint32
	keys    [2]FlowKey     // by nf.Dir
	way     [2]host.Result // where packets of each direction go
	host    *host.Host     // that gave the ways
	expires int64
	closing bool // a FIN or reset has passed

	bypass [2]bypassState

	older, newer *flow // in its flowSet
}

// A flowEnd is one direction of a flow.
type flowEnd struct {
	flow *flow
	dir  nf.Dir
}

// flowCheck is how often flows are looked over, in nanoseconds (a work queue
// that runs once a second).
const flowCheck = 1e9

// addFlowtables puts the flowtables of a program on the links.
func (r *ruleset) addFlowtables(p *bytecode.Program) {
	r.flowtables = map[flowName]*flowtable{}
	for _, t := range p.Tables {
		for _, f := range t.Flowtables {
			ft := &flowtable{f, &flowSet{byKey: map[FlowKey]flowEnd{}}}
			r.flowtables[flowName{t.Family, t.Name, f.Name}] = ft
			r.ingress = append(r.ingress, deviceChain{flowtable: ft})
		}
	}
}

// takeFlows lets flowtables that keep their name keep their flows; those of
// others end.
func (e *Engine) takeFlows(next, before *ruleset) {
	if before == nil {
		return
	}
	for name, old := range before.flowtables {
		if now := next.flowtables[name]; now != nil {
			now.flowSet = old.flowSet
			continue
		}
		for old.newest != nil {
			e.endFlow(old, old.newest, e.now, 0)
		}
	}
}

// Offload gives the connection of a forwarded packet to a flowtable (vm.Env).
func (v *env) Offload(_ *packet.Packet, f *bytecode.Flowtable) bool {
	e, s := v.engine(), v.current
	e.alone()
	entry := e.entry(s)
	if entry == nil {
		return false
	}
	if e.host.IsImplicit() { // nobody knows the ways: all packets pass the rules
		entry.Status |= nf.CTStatusOffload
		return true
	}
	for _, ft := range e.rules.flowtables {
		if ft.decl == f {
			return e.addFlow(ft, s, entry)
		}
	}
	return false
}

// addFlow begins a flow; the way back is that from the other link to the
// packet's sender (nft_flow_route).
func (e *Engine) addFlow(ft *flowtable, s *skb, entry *ct.Entry) bool {
	dir := s.CTInfo.Dir()
	q := host.Query{Dst: entry.Tuple[dir].Src.Netip(s.Family), Src: entry.Tuple[1-dir].Src.Netip(s.Family), Mark: s.Mark}
	back := e.host.Lookup(&q)
	if back.Out == nil || back.Type != host.Unicast {
		return false
	}
	f := &flow{ct: s.CT, host: e.host, expires: e.now + e.flowTimeout(entry.L4())}
	f.way[dir], f.way[1-dir] = s.route, back
	for d := range f.keys {
		t := &entry.Tuple[d]
		f.keys[d] = FlowKey{Src: t.Src, Dst: t.Dst, SrcPort: t.SrcID, DstPort: t.DstID, Family: s.Family, Proto: t.L4, In: f.way[1-d].Out.Index}
		if t.L4 == nf.ProtoGRE {
			f.keys[d].SrcPort, f.keys[d].DstPort = 0, 0
		}
	}
	for _, k := range f.keys {
		if earlier, known := ft.byKey[k]; known { // of a connection that is gone
			e.endBypass(ft, earlier.flow)
		}
	}
	ft.add(f)
	e.ct.BeginOffload(entry)
	e.nextFlowCheck = min(max(e.nextFlowCheck, e.now), e.now+flowCheck)
	return true
}

// flowTimeout is how long a flow lasts without packets, in nanoseconds.
func (e *Engine) flowTimeout(proto uint8) int64 {
	const usual = 30
	name := ""
	switch proto {
	case nf.ProtoTCP:
		name = "net.netfilter.nf_flowtable_tcp_timeout"
	case nf.ProtoUDP:
		name = "net.netfilter.nf_flowtable_udp_timeout"
	}
	seconds := int64(usual)
	if n := e.host.SysctlInt(name); n > 0 {
		seconds = int64(n)
	}
	return seconds * 1e9
}

// endFlow gives a connection back to the rules.
func (e *Engine) endFlow(ft *flowtable, f *flow, at, idle int64) {
	ft.remove(f)
	entry := e.ct.Entry(f.ct)
	e.endBypass(ft, f)
	if entry != nil {
		e.ct.EndOffload(entry, at, f.closing, idle)
	}
}

// checkFlows ends flows without packets, and keeps the connections of others
// alive (nf_flow_offload_gc_step). Where ct.Table.SweepStep bounds its work, it may
// have to be called again, which it tells.
func (e *Engine) checkFlows() (more bool) {
	if e.rules == nil || len(e.rules.flowtables) == 0 {
		return false
	}
	begin := e.now >= e.nextFlowCheck
	if begin {
		e.nextFlowCheck = e.now + flowCheck
	}
	budget := e.flowBudget()
	for _, ft := range e.rules.flowtables {
		if begin && ft.unchecked == nil {
			ft.unchecked = ft.newest
		}
		for ; ft.unchecked != nil && budget > 0; budget-- {
			f := ft.unchecked
			ft.unchecked = f.older
			e.checkFlow(ft, f)
		}
		more = more || ft.unchecked != nil
	}
	return more
}

// flowBudget is how many flows are looked over at once.
func (e *Engine) flowBudget() int {
	if e.ct.SweepStep == 0 {
		return math.MaxInt
	}
	return e.ct.SweepStep
}

func (e *Engine) checkFlow(ft *flowtable, f *flow) {
	entry := e.ct.Entry(f.ct)
	e.readBypass(ft, f)
	switch {
	case entry == nil || entry.Dying(), f.host != e.host:
		e.endFlow(ft, f, e.now, 0)
	case f.expires <= e.now:
		e.endFlow(ft, f, f.expires, e.flowTimeout(entry.L4()))
	default:
		e.ct.KeepOffloaded(entry)
	}
}
