//go:build linux

package live

import (
	"nfvm/netfilter"
	"nfvm/netio/guard"
	"nfvm/nf"
	"nfvm/packet"
)

// An output collects what is to be written when the batch is through.
type output struct {
	writer guard.Writer
	list   []write
	arena  []byte // holds frames that are not where they came in
}

// A write is one frame for the host or the wire of a port, or for a link that is
// not managed.
type write struct {
	port      *port
	toHost    bool
	link      int // its index, if port is nil
	etherType uint16
	frame     []byte
	offload   guard.Offload
}

const etherSize = 14

// outcome is the engine's Sink: it notes what is to be written.
func (w *worker) outcome(o *netfilter.Outcome) {
	f := w.f
	w.ends = append(w.ends, f.endOf(o))
	if f.told != nil && (o.Kind == netfilter.Dropped || !f.drops) {
		f.tell(o)
	}
	if f.observe {
		return
	}
	switch o.Kind {
	case netfilter.Sent:
		w.send(o)
	case netfilter.Delivered:
		w.deliver(o)
	}
}

// tell tells Config.Outcome.
func (f *Firewall) tell(o *netfilter.Outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told(o)
}

// send writes a frame to the wire.
func (w *worker) send(o *netfilter.Outcome) {
	f := w.f
	if o.NoNeighbour && !w.sameNeighbour(o) {
		f.wait(o)
		return
	}
	w.add(f.toWire(o, w.keep(o.Frame)))
}

// toWire is the write of a frame that leaves.
func (f *Firewall) toWire(o *netfilter.Outcome, frame []byte) write {
	return write{port: f.ports[o.Link.Index], link: o.Link.Index, etherType: o.EtherType, frame: frame, offload: offload(o)}
}

// deliver hands a frame to the host.
func (w *worker) deliver(o *netfilter.Outcome) {
	switch p := w.f.ports[o.Link.Index]; {
	case p != nil && o.Ether && !w.frame.Outbound:
		w.add(write{port: p, toHost: true, frame: w.keep(o.Frame), offload: offload(o)})
	case o.Link.Type == nf.ARPHRDLoopback && o.Generated && w.port != nil:
		w.answerHost(o)
	case w.frame.Outbound && o.Generated: // the host hears its own broadcasts by itself
	default:
		w.noPort++
	}
}

// keep gives frame a place that lasts until it is written: its own, when the
// frame lies in the worker's buffer, else a copy.
func (w *worker) keep(frame []byte) []byte {
	if w.queue != nil && w.queue.Holds(frame) {
		return frame
	}
	at := len(w.arena)
	w.arena = append(w.arena, frame...)
	return w.arena[at:len(w.arena):len(w.arena)]
}

func (w *worker) add(out write) { w.list = append(w.list, out) }

// flush writes what has been collected. A frame that an interface does not take
// is lost, as with a full queue.
func (w *worker) flush() {
	for i := range w.list {
		if w.put(&w.list[i]) != nil {
			w.f.lost.Add(1)
		}
	}
	if n := w.writer.Flush(); n > 0 {
		w.f.lost.Add(uint64(n))
	}
	w.list, w.arena = w.list[:0], w.arena[:0]
}

func (w *worker) put(out *write) error {
	switch {
	case out.port == nil:
		return w.writer.ToLink(w.f.raw, out.link, out.etherType, out.frame, out.offload)
	case out.toHost:
		return w.writer.ToHost(out.port.guard, out.frame, out.offload)
	}
	return w.writer.ToWire(out.port.guard, out.frame, out.offload)
}

// offload says what is left to devices in their own terms.
func offload(o *netfilter.Outcome) guard.Offload {
	var v guard.Offload
	if o.Offload.SumChecked {
		v.Flags = guard.DataValid
	}
	if !o.Offload.SumPartial && o.Offload.SegSize == 0 {
		return v
	}
	l3 := 0
	if o.Ether {
		l3 = etherSize
	}
	four := o.Frame[l3]>>4 == 4
	family := nf.FamilyIPv6
	if four {
		family = nf.FamilyIPv4
	}
	if at := packet.L4SumOffset(family, o.Proto); o.Offload.SumPartial && at >= 0 {
		v.Flags = guard.NeedsCsum
		v.CsumStart, v.CsumOffset = uint16(l3+o.Transport), uint16(at)
	}
	if o.Offload.SegSize == 0 {
		return v
	}
	v.GSOSize, v.HdrLen = uint16(o.Offload.SegSize), uint16(l3+o.Payload)
	switch {
	case o.Proto == nf.ProtoUDP:
		v.GSOType = guard.GSOUDPL4
	case four:
		v.GSOType = guard.GSOTCPv4
	default:
		v.GSOType = guard.GSOTCPv6
	}
	if tcp := l3 + o.Transport; o.Proto == nf.ProtoTCP && len(o.Frame) > tcp+13 && o.Frame[tcp+13]&nf.TCPCwr != 0 {
		v.GSOType |= guard.GSOECN
	}
	return v
}
