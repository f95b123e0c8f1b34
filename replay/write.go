package replay

import (
	"fmt"
	"io"

	"nfvm/netfilter"
	"nfvm/netio"
	"nfvm/nf"
)

// A PacketWriter writes what the host sends and takes to a pcapng, each packet
// with a comment that names the verdict and the rule that gave it.
type PacketWriter struct {
	w       *netio.Writer
	dropped bool
	ids     map[ifaceKey]int
	name    func(*netfilter.Decision) string

	// Of the frame being processed: packets, their bytes, and what dropped it.
	queue []queued
	data  []byte
	cause string
}

// A queued packet waits for the end of its frame.
type queued struct {
	netio.Frame
	start, end int // in PacketWriter.data
	generated  bool
	number     int
}

type ifaceKey struct {
	link *nf.Link
	kind netio.LinkType
}

// NewPacketWriter begins a capture on w. With dropped it also holds the packets
// that were dropped. name describes a decision.
func NewPacketWriter(w io.Writer, dropped bool, name func(*netfilter.Decision) string) (*PacketWriter, error) {
	nw, err := netio.NewWriter(w)
	if err != nil {
		return nil, err
	}
	return &PacketWriter{w: nw, dropped: dropped, ids: map[ifaceKey]int{}, name: name}, nil
}

// Frame does nothing.
func (p *PacketWriter) Frame(*netio.Frame, *nf.Link) {}

// Flush writes what is buffered.
func (p *PacketWriter) Flush() error { return p.w.Flush() }

// Packet takes one packet; it is written when the frame is done, because only
// then is it known which rule made the host answer.
func (p *PacketWriter) Packet(o *netfilter.Outcome) error {
	why := p.why(o)
	if o.Kind == netfilter.Dropped && !o.Generated {
		p.cause = why
	}
	if o.Kind == netfilter.Held || o.Kind == netfilter.Proxied || o.Kind == netfilter.Dropped && !p.dropped || o.Link == nil {
		return nil
	}
	q := queued{generated: o.Generated, number: o.Number, start: len(p.data), Frame: netio.Frame{
		Time: o.Time, Direction: netio.DirectionInbound, Comment: comment(o, why),
	}}
	if o.Kind == netfilter.Sent || o.Kind == netfilter.Dropped && o.In == nil {
		q.Direction = netio.DirectionOutbound
	}
	kind := netio.LinkRaw
	if o.Ether {
		kind = netio.LinkEthernet
	}
	var err error
	if q.Interface, err = p.iface(ifaceKey{o.Link, kind}); err != nil {
		return err
	}
	p.data = append(p.data, o.Frame...)
	q.end = len(p.data)
	p.queue = append(p.queue, q)
	return nil
}

// Done writes the packets of a frame.
func (p *PacketWriter) Done() error {
	for i := range p.queue {
		q := &p.queue[i]
		q.Data = p.data[q.start:q.end]
		if q.generated && q.number != 0 && p.cause != "" {
			q.Comment += fmt.Sprintf("; answers packet %d, dropped by %s", q.number, p.cause)
		}
		if err := p.w.WriteFrame(&q.Frame); err != nil {
			return err
		}
	}
	p.queue, p.data, p.cause = p.queue[:0], p.data[:0], ""
	return nil
}

// why tells what decided about a packet.
func (p *PacketWriter) why(o *netfilter.Outcome) string {
	if o.Reason != "" {
		return o.Reason
	}
	return p.name(&o.Decision)
}

// comment is "accept, sent: ip filter forward, handle 5: tcp dport 80 accept".
func comment(o *netfilter.Outcome, why string) string {
	c := "drop"
	switch {
	case o.Kind == netfilter.Dropped && o.Decision.Rejected():
		c = "drop, rejected"
	case o.Kind == netfilter.Dropped:
	case o.Generated:
		c = "accept, generated"
	default:
		c = "accept, " + o.Kind.String()
	}
	if why != "" {
		c += ": " + why
	}
	return c
}

// iface describes an interface when it is first used.
func (p *PacketWriter) iface(k ifaceKey) (int, error) {
	if id, ok := p.ids[k]; ok {
		return id, nil
	}
	id, err := p.w.AddInterface(netio.Interface{Name: k.link.Name, Link: k.kind})
	if err == nil {
		p.ids[k] = id
	}
	return id, err
}
