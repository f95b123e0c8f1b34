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

// Done does nothing.
func (p *PacketWriter) Done() error { return nil }

// Flush writes what is buffered.
func (p *PacketWriter) Flush() error { return p.w.Flush() }

// Packet writes one packet.
func (p *PacketWriter) Packet(o *netfilter.Outcome) error {
	f := netio.Frame{Time: o.Time, Data: o.Frame, Direction: netio.DirectionInbound}
	switch o.Kind {
	case netfilter.Sent:
		f.Direction = netio.DirectionOutbound
	case netfilter.Dropped:
		if !p.dropped {
			return nil
		}
		if o.In == nil {
			f.Direction = netio.DirectionOutbound
		}
	case netfilter.Held:
		return nil
	}
	link := o.Link
	if link == nil {
		return nil // dropped before it had an interface
	}
	f.Comment = p.comment(o)
	kind := netio.LinkRaw
	if o.Ether {
		kind = netio.LinkEthernet
	}
	var err error
	if f.Interface, err = p.iface(ifaceKey{link, kind}); err != nil {
		return err
	}
	return p.w.WriteFrame(&f)
}

func (p *PacketWriter) comment(o *netfilter.Outcome) string {
	if o.Reason != "" {
		return fmt.Sprintf("%s: %s", o.Kind, o.Reason)
	}
	if why := p.name(&o.Decision); why != "" {
		return fmt.Sprintf("%s: %s", o.Kind, why)
	}
	return o.Kind.String()
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
