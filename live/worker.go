//go:build linux

package live

import (
	"errors"
	"os"
	"runtime"
	"time"

	"nfvm/host"
	"nfvm/netfilter"
	"nfvm/netio/guard"
	"nfvm/nf"
	"nfvm/packet"
)

// batchSize is how many frames go through the engine before they are written at most.
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
	engine *netfilter.Worker
	feed   func(int, *host.Host) *netfilter.Frame // next
	// frame is the one in the engine, mac and addr the destination that it came
	// with, now the time.
	frame netfilter.Frame
	mac   [6]byte
	addr  packet.Addr
	now   int64
	output
	tally
}

func newWorker(f *Firewall, p *guard.Poller, e *netfilter.Worker) *worker {
	w := &worker{f: f, poller: p, engine: e}
	w.feed = w.next
	e.SetSink(netfilter.SinkFunc(w.outcome))
	return w
}

// newWriter makes a worker that only writes.
func newWriter(f *Firewall) *worker { return &worker{f: f} }

// alone calls do while no packet is in the engine; what becomes of those that it
// sends is the worker's to write. Should it panic, the engine is given back, so that
// who ends nfvm then does not wait for it.
func (w *worker) alone(do func(*netfilter.Engine)) {
	w.locked(do)
	w.f.add(w)
}

func (w *worker) locked(do func(*netfilter.Engine)) {
	e := w.f.engine
	e.Lock()
	defer e.Unlock()
	e.SetSink(netfilter.SinkFunc(w.outcome))
	defer e.SetSink(nil)
	do(e)
}

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
		w.process(n)
		w.flush()
	}
}

// process takes a batch of n frames through the engine, beside other workers. Nothing
// is written before it is through, so that nobody waits while a frame is copied.
func (w *worker) process(n int) {
	w.now = time.Now().UnixNano()
	w.engine.Batch(n, w.feed)
	w.f.add(w)
}

// next makes the engine's frame of the i-th in hand; there is none if its link has just
// gone.
func (w *worker) next(i int, h *host.Host) *netfilter.Frame {
	link := h.LinkByIndex(w.port.guard.Index)
	if link == nil {
		return nil
	}
	g := &w.frames[i]
	if !g.Outbound {
		w.arrived.add(len(g.Data))
	}
	w.describe(g, link, w.now)
	w.forwarded(g, h)
	return &w.frame
}

// forwarded sees to a packet that the host has routed from an interface that is
// not managed. For the rules it arrives there now, and the engine is the router:
// the hop that the host has counted is given back.
func (w *worker) forwarded(g *guard.Frame, h *host.Host) {
	if g.Meta.From == 0 {
		return
	}
	link := h.LinkByIndex(g.Meta.From)
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
