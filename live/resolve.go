//go:build linux

package live

import (
	"net/netip"
	"slices"
	"time"

	"nfvm/host/rtnetlink"
	"nfvm/netfilter"
	"nfvm/nf"
	"nfvm/packet"
)

// Bounds of what waits for neighbours, as the kernel has them for its own
// queues (net.ipv4.neigh.default.unres_qlen_bytes). The kernel says that one does
// not answer after three requests, one a second, unless it is told otherwise.
const (
	waitBytes      = 212992 // for one neighbour
	waitCost       = 768    // of a frame beside its bytes, about as the kernel charges
	waitNeighbours = 1024
	waitTime       = 6e9 // nanoseconds
	// soon is within which time nobody has failed to answer three requests, one a
	// second: the kernel says so of what it deletes, too. On a busy machine an answer
	// may take most of it.
	soon = 2e9 // nanoseconds
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
	frames []waiter
}

// A waiter is a frame that waits. in is where the packet came by that it is of,
// if its sender is to be told when it can't leave.
type waiter struct {
	write
	in      *nf.Link
	partial packet.Offload
}

func (w *waiting) init() { w.list = map[neighbour]*pending{} }

// wait keeps a frame until its next hop is found, and has the kernel look for it.
func (f *Firewall) wait(o *netfilter.Outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := neighbour{o.Link.Index, o.NextHop}
	p := f.waiting.list[key]
	if p == nil {
		if len(f.waiting.list) >= waitNeighbours || f.resolver == nil {
			f.stats.NoNeighbour++
			return
		}
		p = &pending{since: o.Time}
		f.waiting.list[key] = p
		f.resolve(key)
	}
	w := waiter{write: f.toWire(o, slices.Clone(o.Frame)), partial: o.Offload}
	if !o.Generated {
		w.in = o.In
	}
	f.stats.NoNeighbour += p.add(w)
}

// add lets a frame wait behind others, of which the oldest give way; it gives their
// number.
func (p *pending) add(w waiter) (lost uint64) {
	p.bytes += len(w.frame) + waitCost
	for p.bytes > waitBytes && len(p.frames) > 0 {
		p.bytes -= len(p.frames[0].frame) + waitCost
		p.frames[0] = waiter{}
		p.frames = p.frames[1:]
		lost++
	}
	p.frames = append(p.frames, w)
	return lost
}

// resolve has the kernel look for a neighbour.
func (f *Firewall) resolve(key neighbour) {
	if err := f.resolver.Resolve(key.index, key.addr); err != nil {
		f.log.Warn("resolving a neighbour", "ifindex", key.index, "addr", key.addr, "err", err)
	}
}

// Neighbour tells the firewall what the kernel knows of a neighbour now. Frames
// that waited for its address leave; the senders of those to one that does not
// answer are told so. One that was only forgotten is looked for again.
func (f *Firewall) Neighbour(e rtnetlink.NeighbourEvent) {
	f.life.RLock()
	defer f.life.RUnlock()
	w := newWriter(f)
	now := time.Now().UnixNano()
	w.alone(func(engine *netfilter.Engine) {
		f.neighbourMoved(&e)
		e.Apply(engine.Host())
		if p := f.answered(&e, now); p != nil && e.Change == rtnetlink.NeighbourFailed {
			f.giveUp(p, now)
		} else if p != nil {
			for _, out := range p.frames {
				copy(out.frame, e.MAC[:])
				w.add(out.write)
			}
		}
	})
	w.flush()
}

// answered gives the frames that wait for a neighbour, if they need wait no more.
func (f *Firewall) answered(e *rtnetlink.NeighbourEvent, now int64) *pending {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := neighbour{e.Index, e.Addr}
	p := f.waiting.list[key]
	switch {
	case p == nil:
	case e.Change == rtnetlink.NeighbourRemoved, e.Change == rtnetlink.NeighbourFailed && now-p.since < soon:
		f.resolve(key)
		return nil
	default:
		delete(f.waiting.list, key)
	}
	return p
}

// giveUp tells the senders of frames that their next hop does not answer. The
// engine is locked.
func (f *Firewall) giveUp(p *pending, now int64) {
	f.mu.Lock()
	f.stats.NoNeighbour += uint64(len(p.frames))
	f.mu.Unlock()
	for _, out := range p.frames {
		if out.in != nil {
			f.engine.Unreachable(&netfilter.Frame{Link: out.in, Time: now, Data: out.frame, Ether: true, Lent: true, Offload: out.partial})
		}
	}
}

// expireWaiting gives up neighbours of which the kernel says nothing.
func (f *Firewall) expireWaiting(now int64) {
	var late []*pending
	f.mu.Lock()
	for key, p := range f.waiting.list {
		if now-p.since > waitTime {
			late = append(late, p)
			delete(f.waiting.list, key)
		}
	}
	f.mu.Unlock()
	for _, p := range late {
		f.giveUp(p, now)
	}
}

// forget loses the frames that are to leave by an interface. The lock is held.
func (f *Firewall) forget(index int) {
	for key, p := range f.waiting.list {
		if key.index == index {
			f.stats.NoNeighbour += uint64(len(p.frames))
			delete(f.waiting.list, key)
		}
	}
}
