//go:build linux

package live

import (
	"net/netip"
	"slices"

	"nfvm/host/rtnetlink"
	"nfvm/netfilter"
)

// Bounds of what waits for neighbours, as the kernel has them for its own
// queues (net.ipv4.neigh.default.unres_qlen_bytes; an entry fails after three
// requests, one a second).
const (
	waitBytes      = 212992 // for one neighbour
	waitNeighbours = 1024
	waitTime       = 3e9 // nanoseconds
)

// waiting holds the frames whose next hop has no known link-layer address yet.
type waiting struct {
	list map[neighbour]*pending
}

type neighbour struct {
	index int
	addr  netip.Addr
}

type pending struct {
	since  int64 // nanoseconds since the epoch
	bytes  int
	frames []write
}

func (w *waiting) init() { w.list = map[neighbour]*pending{} }

// wait keeps a frame until its next hop is found, and has the kernel look for it.
func (f *Firewall) wait(o *netfilter.Outcome) {
	key := neighbour{o.Link.Index, o.NextHop}
	p := f.waiting.list[key]
	if p == nil {
		if len(f.waiting.list) >= waitNeighbours || f.resolver == nil {
			f.stats.NoNeighbour++
			return
		}
		p = &pending{since: o.Time}
		f.waiting.list[key] = p
		if err := f.resolver.Resolve(key.index, key.addr); err != nil {
			f.log.Warn("resolving a neighbour", "iface", o.Link.Name, "addr", key.addr, "err", err)
		}
	}
	for p.bytes+len(o.Frame) > waitBytes && len(p.frames) > 0 { // the oldest gives way
		p.bytes -= len(p.frames[0].frame)
		p.frames = p.frames[1:]
		f.stats.NoNeighbour++
	}
	p.bytes += len(o.Frame)
	p.frames = append(p.frames, f.toWire(o, slices.Clone(o.Frame)))
}

// Neighbour tells the firewall what the kernel knows of a neighbour now. Frames
// that waited for its address leave; those to one that does not answer are lost.
func (f *Firewall) Neighbour(e rtnetlink.NeighbourEvent) {
	f.mu.Lock()
	e.Apply(f.engine.Host())
	key := neighbour{e.Index, e.Addr}
	p := f.waiting.list[key]
	delete(f.waiting.list, key)
	if p != nil && e.Change >= rtnetlink.NeighbourFailed {
		f.stats.NoNeighbour += uint64(len(p.frames))
		p = nil
	}
	f.mu.Unlock()
	if p == nil {
		return
	}
	w := newWriter(f)
	for _, out := range p.frames {
		copy(out.frame, e.MAC[:])
		w.add(out)
	}
	w.flush()
}

// expireWaiting gives up neighbours that did not answer.
func (f *Firewall) expireWaiting(now int64) {
	for key, p := range f.waiting.list {
		if now-p.since > waitTime {
			f.stats.NoNeighbour += uint64(len(p.frames))
			delete(f.waiting.list, key)
		}
	}
}
