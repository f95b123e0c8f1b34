package nat

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// A rig is a router that does nothing but track and translate: dst and src,
// when not nil, are the rules at prerouting and at postrouting.
type rig struct {
	t        testing.TB
	table    *ct.Table
	nat      *Engine
	now      int64
	rand     uint32
	out      *nf.Link
	dst, src func(p *packet.Packet) nf.Verdict
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, now: 1e18, out: nf.NewLink(2, "tb")}
	next := func() uint32 { r.rand += 7919; return r.rand }
	r.table = ct.New(ct.Config{Rand: next})
	r.nat = New(r.table, next)
	return r
}

// snat and dnat make rules that always apply.
func (r *rig) snat(g Range) {
	r.src = func(p *packet.Packet) nf.Verdict { return r.nat.Setup(p.CT, &g, Src) }
}

func (r *rig) dnat(g Range) {
	r.dst = func(p *packet.Packet) nf.Verdict { return r.nat.Setup(p.CT, &g, Dst) }
}

// forward takes a network packet through the hooks; nil means dropped.
func (r *rig) forward(b []byte) *packet.Packet {
	r.t.Helper()
	p := new(packet.Packet)
	if !r.through(p, slices.Clone(b)) {
		return nil
	}
	return p
}

func (r *rig) through(p *packet.Packet, b []byte) bool {
	p.Reset(b, false)
	if why := p.CheckIP(); why != packet.OK {
		r.t.Fatalf("bad packet: %v", why)
	}
	if r.table.Track(p, p.Family, nf.HookPrerouting, r.now) != nf.Accept {
		return false
	}
	ok := r.hook(p, nf.HookPrerouting, r.dst)
	if ok {
		p.Out = r.out
		ok = r.hook(p, nf.HookPostrouting, r.src) && r.table.Confirm(p, r.now) == nf.Accept
	}
	r.table.Release(p)
	return ok
}

func (r *rig) hook(p *packet.Packet, h nf.Hook, rule func(*packet.Packet) nf.Verdict) bool {
	n := 1
	if rule == nil {
		n = 0
	}
	return r.nat.Hook(p, h, n, func(int) nf.Verdict { return rule(p) }) == nf.Accept
}

// send forwards a packet and says what left: "src:port>dst:port", or "drop".
func (r *rig) send(b []byte) string {
	r.t.Helper()
	p := r.forward(b)
	if p == nil {
		return "drop"
	}
	if !p.L4ChecksumOK() {
		r.t.Errorf("bad checksum leaving: %x", p.Data)
	}
	if q := new(packet.Packet); true {
		q.Reset(p.Data, false)
		if why := q.CheckIP(); why != packet.OK {
			r.t.Errorf("leaving: %v", why)
		}
	}
	return line(p)
}

func line(p *packet.Packet) string {
	s, d, ok := p.Ports()
	if !ok {
		if b := p.L4(); len(b) >= 8 && (p.Proto == nf.ProtoICMP || p.Proto == nf.ProtoICMPv6) {
			s, d = binary.BigEndian.Uint16(b[4:]), uint16(b[0])
		}
	}
	return fmt.Sprintf("%s:%d>%s:%d", p.Src().Text(p.Family), s, p.Dst().Text(p.Family), d)
}

func addr(s string) packet.Addr { return packet.AddrFrom(netip.MustParseAddr(s)) }

func addrs(min, max string) Range {
	return Range{Flags: FlagMapIPs, MinAddr: addr(min), MaxAddr: addr(max)}
}

func one(a string) Range { return addrs(a, a) }

func (r Range) ports(min, max uint16) Range {
	r.Flags |= FlagPorts
	r.MinPort, r.MaxPort = min, max
	return r
}

func (r Range) with(flags uint32) Range {
	r.Flags |= flags
	return r
}

// ip makes a network packet with correct lengths and checksums; l4 is its
// payload with a zero checksum.
func ip(src, dst string, proto uint8, l4 []byte) []byte {
	s, d := netip.MustParseAddr(src), netip.MustParseAddr(dst)
	var b []byte
	f := nf.FamilyIPv4
	if s.Is4() {
		n := 20 + len(l4)
		b = []byte{0x45, 0, byte(n >> 8), byte(n), 0, 1, 0, 0, 64, proto, 0, 0}
	} else {
		f = nf.FamilyIPv6
		b = []byte{0x60, 0, 0, 0, byte(len(l4) >> 8), byte(len(l4)), proto, 64}
	}
	b = append(append(b, s.AsSlice()...), d.AsSlice()...)
	if s.Is4() {
		packet.FixIPv4Checksum(b)
	}
	at := len(b)
	b = append(b, l4...)
	sum, pseudo := packet.L4SumOffset(f, proto), true
	if f == nf.FamilyIPv4 && proto == nf.ProtoICMP {
		sum, pseudo = 2, false
	}
	if sum >= 0 && len(l4) >= sum+2 {
		v := packet.Sum16(l4)
		if pseudo {
			sa, da := packet.AddrFrom(s), packet.AddrFrom(d)
			v += packet.PseudoSum(f, &sa, &da, proto, len(l4))
		}
		binary.BigEndian.PutUint16(b[at+sum:], ^packet.Fold(v))
	}
	return b
}

func udp(src string, sp uint16, dst string, dp uint16) []byte {
	b := []byte{byte(sp >> 8), byte(sp), byte(dp >> 8), byte(dp), 0, 12, 0, 0, 'd', 'a', 't', 'a'}
	return ip(src, dst, nf.ProtoUDP, b)
}

func tcp(src string, sp uint16, dst string, dp uint16, flags uint8, seq, ack uint32) []byte {
	b := []byte{byte(sp >> 8), byte(sp), byte(dp >> 8), byte(dp)}
	b = binary.BigEndian.AppendUint32(b, seq)
	b = binary.BigEndian.AppendUint32(b, ack)
	return ip(src, dst, nf.ProtoTCP, append(b, 0x50, flags, 0x20, 0, 0, 0, 0, 0))
}

func echo(src, dst string, typ uint8, id uint16) []byte {
	proto := uint8(nf.ProtoICMP)
	if netip.MustParseAddr(src).Is6() {
		proto = nf.ProtoICMPv6
	}
	return ip(src, dst, proto, []byte{typ, 0, 0, 0, byte(id >> 8), byte(id), 0, 1, 'h', 'i'})
}

// icmpError makes an ICMP error from src to dst that quotes a packet.
func icmpError(src, dst string, typ uint8, quote []byte) []byte {
	proto := uint8(nf.ProtoICMP)
	if netip.MustParseAddr(src).Is6() {
		proto = nf.ProtoICMPv6
	}
	return ip(src, dst, proto, append([]byte{typ, 0, 0, 0, 0, 0, 0, 0}, quote...))
}
