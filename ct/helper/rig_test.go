package helper

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"nfvm/ct"
	"nfvm/nat"
	"nfvm/nf"
	"nfvm/packet"
)

// A call is one connection from 10.0.1.2 (fd01::2) to 10.0.2.2 (fd02::2), with a
// helper, behind a router that may translate its source to 1.2.3.4 (fd02::99).
type call struct {
	t       testing.TB
	table   *ct.Table
	nat     *nat.Engine
	entry   *ct.Entry
	proto   uint8
	port    [2]uint16 // of the client and the server
	next    [2]uint32 // sequence numbers by direction
	v6, out bool
	now     int64
	handle  uint16
}

// A setup says which call to make.
type setup struct {
	helper   string
	proto    uint8
	port     uint16 // of the server; the client has the same
	v6, snat bool
	params   Params
	external bool // packets to any address leave by the same link
}

type routes struct{ same bool }

func (r routes) BroadcastMask(*packet.Packet) (mask packet.Addr, ok bool) { return mask, false }
func (r routes) SameWay(*packet.Packet, packet.Addr, packet.Addr) bool    { return r.same }
func (r routes) LeavesBy(*packet.Packet, packet.Addr) bool                { return r.same }

// newCall opens a connection; a TCP one has shaken hands.
func newCall(t testing.TB, s setup) *call {
	c := &call{t: t, proto: s.proto, port: [2]uint16{s.port, s.port}, v6: s.v6, out: s.snat, now: 1e18}
	random := uint32(0)
	next := func() uint32 { random += 7919; return random }
	c.table = ct.New(ct.Config{Rand: next})
	c.nat = nat.New(c.table, next)
	Attach(c.table, c.nat, routes{s.external}, s.params)
	var err error
	if c.handle, err = c.table.RegisterHelper(s.helper); err != nil {
		t.Fatal(err)
	}
	if s.proto == nf.ProtoTCP {
		c.segment(nf.DirOriginal, nf.TCPSyn, "")
		c.segment(nf.DirReply, nf.TCPSyn|nf.TCPAck, "")
		c.segment(nf.DirOriginal, nf.TCPAck, "")
	}
	return c
}

func (c *call) addr(v4, v6 string) packet.Addr {
	if c.v6 {
		v4 = v6
	}
	return packet.AddrFrom(netip.MustParseAddr(v4))
}

// say sends a payload; nil means that it was dropped.
func (c *call) say(d nf.Dir, text string) *packet.Packet {
	if c.proto == nf.ProtoTCP {
		return c.segment(d, nf.TCPPsh|nf.TCPAck, text)
	}
	b := binary.BigEndian.AppendUint16(nil, uint16(packet.UDPSize+len(text)))
	return c.send(d, append(append(b, 0, 0), text...))
}

func (c *call) segment(d nf.Dir, flags uint8, text string) *packet.Packet {
	b := binary.BigEndian.AppendUint32(nil, c.next[d])
	b = binary.BigEndian.AppendUint32(b, c.next[1-d])
	b = append(b, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0)
	c.next[d] += uint32(len(text)) + uint32(flags>>1&1)
	return c.send(d, append(b, text...))
}

// send puts ports and an IP header before the rest of a transport header and what
// it carries.
func (c *call) send(d nf.Dir, l4 []byte) *packet.Packet {
	ends := [2]packet.Addr{c.addr("10.0.1.2", "fd01::2"), c.addr("10.0.2.2", "fd02::2")}
	ports := c.port
	if d == nf.DirReply {
		if c.out {
			ends[0] = c.addr("1.2.3.4", "fd02::99")
		}
		ends[0], ends[1], ports[0], ports[1] = ends[1], ends[0], ports[1], ports[0]
	}
	return c.through(c.wrap(ends[0], ends[1], c.proto, append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, ports[0]), ports[1]), l4...)))
}

// wrap makes a packet of a transport header and its payload.
func (c *call) wrap(src, dst packet.Addr, proto uint8, l4 []byte) []byte {
	n := len(l4)
	if c.v6 {
		b := []byte{0x60, 0, 0, 0, byte(n >> 8), byte(n), proto, 64}
		return append(append(append(b, src[:]...), dst[:]...), l4...)
	}
	n += packet.IPv4Size
	b := []byte{0x45, 0, byte(n >> 8), byte(n), 0, 1, 0, 0, 64, proto, 0, 0}
	b = append(append(append(b, src[:4]...), dst[:4]...), l4...)
	packet.FixIPv4Checksum(b)
	return b
}

// through takes a packet through the router.
func (c *call) through(b []byte) *packet.Packet {
	p := new(packet.Packet)
	p.Reset(b, false)
	if why := p.CheckIP(); why != packet.OK {
		c.t.Fatalf("bad packet: %v", why)
	}
	if p.Proto == nf.ProtoTCP {
		sum := packet.L4SumOffset(p.Family, p.Proto)
		src, dst := p.Src(), p.Dst()
		v := packet.Sum16(p.L4()) + packet.PseudoSum(p.Family, &src, &dst, p.Proto, len(p.L4()))
		binary.BigEndian.PutUint16(p.L4()[sum:], ^packet.Fold(v))
	}
	defer c.table.Release(p)
	if c.table.Track(p, p.Family, nf.HookPrerouting, c.now) != nf.Accept || !c.translate(p, nf.HookPrerouting) {
		return nil
	}
	if e := c.table.Entry(p.CT); e != nil && c.entry == nil {
		c.entry = e
		c.table.SetHelper(e, c.handle)
	}
	p.Out = nf.NewLink(2, "tb")
	if !c.translate(p, nf.HookPostrouting) || c.table.Confirm(p, c.now) != nf.Accept {
		return nil
	}
	return p
}

func (c *call) translate(p *packet.Packet, h nf.Hook) bool {
	return c.nat.Hook(p, h, 1, func(int) nf.Verdict {
		if h != nf.HookPostrouting || !c.out {
			return nf.Accept
		}
		a := c.addr("1.2.3.4", "fd02::99")
		return c.nat.Setup(p.CT, &nat.Range{Flags: nat.FlagMapIPs, MinAddr: a, MaxAddr: a}, nat.Src)
	}) == nf.Accept
}

// expected lists what is expected, in the order of its announcement.
func (c *call) expected() []ct.Expectation {
	var list []ct.Expectation
	for _, x := range c.table.Expectations() {
		list = append(list, *x)
	}
	return list
}

// check fails for a packet that a receiver would not take.
func (c *call) check(p *packet.Packet) {
	c.t.Helper()
	if p == nil {
		return
	}
	q := new(packet.Packet)
	q.Reset(p.Data, false)
	if why := q.CheckIP(); why != packet.OK {
		c.t.Fatalf("leaving: %v %x", why, p.Data)
	}
	if q.Proto == nf.ProtoUDP && int(binary.BigEndian.Uint16(q.L4()[4:])) != len(q.L4()) {
		c.t.Fatalf("UDP length of %x", p.Data)
	}
	if q.Proto == nf.ProtoTCP && !q.L4ChecksumOK() {
		c.t.Fatalf("checksum of %x", p.Data)
	}
}
