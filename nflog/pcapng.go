package nflog

import (
	"io"

	"nfvm/bytecode"
	"nfvm/netio"
	"nfvm/nf"
)

// maxFrame is the longest frame in a capture, in bytes.
const maxFrame = 262144

const etherSize = 14

// A pcapng writes packets to a capture. Its interfaces are all Ethernet, because
// tcpdump wants one link type in a file; a packet without a link-layer header gets
// one of zeros.
type pcapng struct {
	to    *stream
	group *uint16 // the only one that it takes, nil for all statements
	w     *netio.Writer
	ids   map[string]int
	frame []byte
}

// NewPcapng writes a capture to w, of all logged packets or, if group is not nil,
// of those that go to this netlink group.
func NewPcapng(w io.Writer, group *uint16) Sink {
	return &pcapng{to: &stream{name: "-", w: w}, group: group}
}

// OpenPcapng appends a section to a capture, or makes one; on Reopen it begins
// another file of that name. Each reader of a named pipe gets a capture of its own.
func OpenPcapng(name string, group *uint16) (Sink, error) {
	s := &stream{name: name}
	return &pcapng{to: s, group: group}, s.open()
}

func (c *pcapng) takes(l *bytecode.Log) bool {
	return c.group == nil || l.HasGroup && l.Group == *c.group
}

// limit is the snaplen of the statement, as nfnetlink_log cuts packets.
func (c *pcapng) limit(l *bytecode.Log) int {
	if l.HasGroup && l.HasSnaplen {
		return int(min(l.Snaplen, maxFrame))
	}
	return maxFrame
}

func (c *pcapng) write(r *Record) error {
	fresh, err := c.to.begin()
	if err != nil {
		return err
	}
	if fresh || c.w == nil {
		if c.w, err = netio.NewWriter(c.to); err != nil {
			return err
		}
		c.ids = map[string]int{}
	}
	link, dir := r.Packet.In, netio.DirectionInbound
	if link == nil {
		link, dir = r.Packet.Out, netio.DirectionOutbound
	}
	id, err := c.iface(link)
	if err != nil {
		return err
	}
	head := c.header(r)
	data := r.Packet.Data[r.Packet.Network:]
	data = data[:min(len(data), c.limit(r.Log))]
	c.frame = append(append(c.frame[:0], head...), data...)
	return c.w.WriteFrame(&netio.Frame{
		Interface: id, Time: r.Packet.Time, Data: c.frame, OrigLen: len(head) + r.Length, Direction: dir, Comment: r.Comment(),
	})
}

// header is the link-layer header of a packet.
func (c *pcapng) header(r *Record) []byte {
	p := &r.Packet
	if p.Link && p.Network >= etherSize {
		return p.Data[:p.Network]
	}
	h := make([]byte, etherSize)
	h[12], h[13] = byte(p.EtherType>>8), byte(p.EtherType)
	return h
}

// iface describes an interface when it is first used.
func (c *pcapng) iface(l *nf.Link) (int, error) {
	name := ""
	if l != nil {
		name = l.Name
	}
	if id, known := c.ids[name]; known {
		return id, nil
	}
	id, err := c.w.AddInterface(netio.Interface{Name: name, Link: netio.LinkEthernet, SnapLen: maxFrame})
	if err == nil {
		c.ids[name] = id
	}
	return id, err
}

func (c *pcapng) flush() error {
	if c.w == nil {
		return nil
	}
	err := c.w.Flush()
	if err != nil {
		c.w = nil // a capture with a hole is none
	}
	return err
}

func (c *pcapng) reopen() error {
	if err := c.flush(); err != nil {
		return err
	}
	return c.to.reopen()
}

func (c *pcapng) close() error { return c.to.close() }
