//go:build linux

package live

import (
	"errors"
	"os"
	"runtime"
	"time"

	"nfvm/netfilter"
	"nfvm/netio/guard"
	"nfvm/nf"
	"nfvm/packet"
)

// batchSize is how many frames go through the engine under one lock at most.
const batchSize = 64

// A worker takes the frames of some queues through the engine and writes what
// becomes of them.
type worker struct {
	f      *Firewall
	poller *guard.Poller
	// queue is where the frames in hand come from, port its interface.
	queue  *guard.Queue
	port   *port
	frames [batchSize]guard.Frame
	// frame is the one in the engine, mac and addr the destination that it came
	// with.
	frame netfilter.Frame
	mac   [6]byte
	addr  packet.Addr
	output
}

func newWorker(f *Firewall, p *guard.Poller) *worker { return &worker{f: f, poller: p} }

// newWriter makes a worker that only writes.
func newWriter(f *Firewall) *worker { return &worker{f: f} }

func (w *worker) run() error {
	runtime.LockOSThread()
	shortenSlice()
	for {
		q, n, err := w.poller.Read(w.frames[:])
		if errors.Is(err, os.ErrClosed) {
			return nil
		}
		if q == nil {
			return err
		}
		if err != nil { // its device may come back
			w.f.log.Error("reading frames", "iface", q.Guard.Name, "err", err)
			continue
		}
		w.queue, w.port = q, w.f.ports[q.Guard.Index]
		w.writer.Begin(q)
		w.process(w.frames[:n])
		w.flush()
	}
}

// process takes a batch through the engine. Nothing is written before it is
// through, so that nobody waits for the lock while a frame is copied.
func (w *worker) process(frames []guard.Frame) {
	now := time.Now().UnixNano()
	f := w.f
	f.mu.Lock()
	f.current = w
	link := f.engine.Host().LinkByIndex(w.port.guard.Index)
	for i := range frames {
		if link == nil { // it has just gone
			break
		}
		if !frames[i].Outbound {
			w.port.stats.In.add(len(frames[i].Data))
		}
		w.describe(&frames[i], link, now)
		w.forwarded(&frames[i])
		f.engine.Process(&w.frame)
	}
	f.current = nil
	f.mu.Unlock()
}

// forwarded sees to a packet that the host has routed from an interface that is
// not managed. For the rules it arrives there now, and the engine is the router:
// the hop that the host has counted is given back.
func (w *worker) forwarded(g *guard.Frame) {
	if g.Meta.From == 0 {
		return
	}
	link := w.f.engine.Host().LinkByIndex(g.Meta.From)
	if link == nil {
		return
	}
	w.frame.Link, w.frame.Outbound, w.frame.HasUID = link, false, false
	var p packet.Packet
	p.Reset(g.Data, true)
	if p.ParseEther() == packet.OK && p.CheckIP() == packet.OK && p.TTL() < 255 {
		p.SetTTL(p.TTL() + 1)
	}
	copy(g.Data, link.MAC[:]) // it is for the host
}

// describe makes the engine's frame of a guard's.
func (w *worker) describe(g *guard.Frame, link *nf.Link, now int64) {
	w.frame = netfilter.Frame{
		Link: link, Time: now, Data: g.Data, Ether: true, Outbound: g.Outbound, Lent: true,
		Mark: g.Meta.Mark, Priority: g.Meta.Priority,
		UID: g.Meta.UID, HasUID: g.Outbound && !w.f.observe && g.Meta.UID != guard.NoUID,
		Offload: packet.Offload{
			SumPartial: g.Offload.Flags&guard.NeedsCsum != 0,
			SumChecked: g.Offload.Flags&guard.DataValid != 0,
		},
	}
	w.mac, w.addr = destination(g.Data)
	if g.Offload.GSOType&^guard.GSOECN != guard.GSONone {
		w.frame.Offload.SegSize = int(g.Offload.GSOSize)
	}
}
