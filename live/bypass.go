//go:build linux

package live

import (
	"time"

	"nfvm/host/rtnetlink"
	"nfvm/netfilter"
	"nfvm/netio/guard"
)

// bypassRoom is how many directions of flows are forwarded by the guards themselves
// at most; others go through the engine.
const bypassRoom = 1 << 17

// A bypass has the guards forward the flows of flowtables (netfilter.Bypass). It is
// guarded by the engine's lock.
type bypass struct {
	f     *Firewall
	flows *guard.Flows
	known map[netfilter.FlowKey]*bypassed
	conns map[uint32]*bypassedConn
	hops  map[neighbour]int // how many of known go there
}

// A bypassed is one direction of a flow that guards forward, or would if they were not
// suspended.
type bypassed struct {
	told guard.FlowUse
	out  int
	hop  neighbour
}

func newBypass(f *Firewall) (*bypass, error) {
	flows, err := guard.NewFlows(bypassRoom)
	if err != nil {
		return nil, err
	}
	return &bypass{f: f, flows: flows, known: map[netfilter.FlowKey]*bypassed{}, conns: map[uint32]*bypassedConn{}, hops: map[neighbour]int{}}, nil
}

// Put forwards what arrives by a managed interface and leaves by one.
func (b *bypass) Put(k *netfilter.FlowKey, w *netfilter.FlowWay) bool {
	if b.f.ports[k.In] == nil || b.f.ports[w.Out.Index] == nil {
		return false
	}
	if conn := b.conns[w.Conn]; conn != nil {
		conn.keys[w.Dir] = *k
	}
	if w.Conn != 0 && b.f.ports[k.In].guard.Driver != guard.TAP { // the others' programs follow none
		return false
	}
	b.forget(k)
	err := b.flows.Put(guardKey(k), &guard.FlowWay{
		Src: w.Src, Dst: w.Dst, SrcPort: w.SrcPort, DstPort: w.DstPort,
		Out: w.Out.Index, OwnMAC: w.Out.MAC, MAC: w.MAC, MTU: w.MTU,
		Conn: w.Conn, Dir: w.Dir, Service: w.Service,
	})
	if err != nil { // there is no room
		b.flows.Remove(guardKey(k))
		return false
	}
	p := &bypassed{out: w.Out.Index, hop: neighbour{w.Out.Index, w.NextHop}}
	b.known[*k] = p
	b.hops[p.hop]++
	return true
}

// Use is what the guards have forwarded.
func (b *bypass) Use(k *netfilter.FlowKey) netfilter.FlowUse {
	if b.known[*k] == nil {
		return netfilter.FlowUse{}
	}
	return b.count(k, b.flows.Use(guardKey(k)))
}

// Remove has the guards forget a direction of a flow.
func (b *bypass) Remove(k *netfilter.FlowKey) (u netfilter.FlowUse) {
	if b.known[*k] != nil {
		u = b.count(k, b.flows.Remove(guardKey(k)))
		b.forget(k)
	}
	return u
}

// Suspend has the guards forward nothing.
func (b *bypass) Suspend() {
	if err := b.flows.Suspend(); err != nil {
		b.f.log.Error("forwarding by flowtables can't be suspended", "err", err)
	}
}

func (b *bypass) forget(k *netfilter.FlowKey) {
	p := b.known[*k]
	if p == nil {
		return
	}
	delete(b.known, *k)
	if b.hops[p.hop]--; b.hops[p.hop] == 0 {
		delete(b.hops, p.hop)
	}
}

// count adds to the statistics what is new, and tells it.
func (b *bypass) count(k *netfilter.FlowKey, now guard.FlowUse) (u netfilter.FlowUse) {
	p := b.known[*k]
	if now.Packets <= p.told.Packets { // or the kernel has lost it
		return u
	}
	u.Packets, u.Bytes = now.Packets-p.told.Packets, now.Bytes-p.told.Bytes
	u.Last = time.Now().UnixNano() - int64(guard.MonotonicTime()-now.Last)
	p.told = now
	frames := u.Bytes + etherSize*u.Packets
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	if in := b.f.ports[k.In]; in != nil {
		in.stats.In.addMany(u.Packets, frames)
		in.stats.Bypassed.addMany(u.Packets, frames)
	}
	if out := b.f.ports[p.out]; out != nil {
		out.stats.Out.addMany(u.Packets, frames)
	}
	return u
}

// neighbourMoved has the engine see all flows again when a neighbour that they go to
// is about to have another address, or none.
func (f *Firewall) neighbourMoved(e *rtnetlink.NeighbourEvent) {
	if f.bypass == nil || f.bypass.hops[neighbour{e.Index, e.Addr}] == 0 {
		return
	}
	h := f.engine.Host()
	mac, known := h.Neighbour(h.LinkByIndex(e.Index), e.Addr)
	stays := e.Change == rtnetlink.NeighbourAdded || e.Change == rtnetlink.NeighbourChanged
	if !known || !stays || mac != e.MAC {
		f.engine.SuspendBypass()
	}
}

func guardKey(k *netfilter.FlowKey) *guard.FlowKey {
	return &guard.FlowKey{
		In: k.In, Family: k.Family, Proto: k.Proto,
		Src: k.Src, Dst: k.Dst, SrcPort: k.SrcPort, DstPort: k.DstPort,
	}
}
