package nat

import (
	"encoding/binary"
	"slices"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

func TestUDPZeroChecksumStays(t *testing.T) {
	r := newRig(t)
	r.snat(one("10.0.2.9").ports(4000, 4000))
	b := udp("10.0.1.2", 1111, "10.0.2.2", 53)
	b[26], b[27] = 0, 0
	if p := r.forward(b); p.Data[26]|p.Data[27] != 0 || p.SrcPort() != 4000 {
		t.Errorf("%x", p.Data)
	}
}

func TestSCTPChecksum(t *testing.T) {
	p := new(packet.Packet)
	b := ip("10.0.1.2", "10.0.2.2", nf.ProtoSCTP, []byte{4, 0x57, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 4})
	packet.SetSCTPChecksum(b[20:])
	p.Reset(b, false)
	p.CheckIP()
	w := rewriter{p: p, manip: Src}
	w.target.L4, w.target.SrcID, w.target.Src = nf.ProtoSCTP, 4000, addr("10.0.2.9")
	if !w.rewrite(0) || !p.L4ChecksumOK() || line(p) != "10.0.2.9:4000>10.0.2.2:80" {
		t.Error(line(p))
	}
}

func TestGREVersions(t *testing.T) {
	tests := []struct {
		manip   Manip
		version byte
		size    int
		ok      bool
		callID  uint16
	}{
		{Src, 0, 8, true, 5}, {Dst, 0, 8, true, 5}, {Dst, 1, 8, true, 77}, {Src, 1, 8, true, 5},
		{Dst, 2, 8, false, 5}, {Dst, 0, 4, false, 0},
	}
	for _, tt := range tests {
		p := new(packet.Packet)
		l4 := []byte{0x20, tt.version, 0x88, 0x0b, 0, 0, 0, 5}[:tt.size]
		p.Reset(ip("10.0.1.2", "10.0.2.2", nf.ProtoGRE, l4), false)
		p.CheckIP()
		w := rewriter{p: p, manip: tt.manip}
		w.target.L4, w.target.DstID = nf.ProtoGRE, 77
		if ok := w.rewrite(0); ok != tt.ok {
			t.Errorf("%+v: %v", tt, ok)
		}
		if b := p.L4(); len(b) == 8 && binary.BigEndian.Uint16(b[6:]) != tt.callID {
			t.Errorf("%+v: call id %d", tt, binary.BigEndian.Uint16(b[6:]))
		}
	}
}

// TestMasqueradeRouteChange: a masqueraded flow ends when it would leave by
// another interface; the next packet starts anew.
func TestMasqueradeRouteChange(t *testing.T) {
	r := newRig(t)
	r.src = func(p *packet.Packet) nf.Verdict {
		a := packet.Addr4(0x0a000200 + uint32(p.Out.Index))
		return r.nat.Masquerade(p.CT, &Range{}, a, p.Out.Index)
	}
	b := udp("10.0.1.2", 1111, "10.0.2.2", 53)
	for _, want := range []string{"10.0.2.2:1111>10.0.2.2:53", "10.0.2.2:1111>10.0.2.2:53"} {
		if got := r.send(b); got != want {
			t.Error(got)
		}
	}
	r.out = nf.NewLink(3, "tc")
	for _, want := range []string{"drop", "10.0.2.3:1111>10.0.2.2:53"} {
		if got := r.send(b); got != want {
			t.Error(got)
		}
	}
	r.nat.AddrRemoved(3, addr("10.0.2.77"))
	r.nat.LinkDown(2)
	if r.nat.Clean(0); r.table.Count() != 1 {
		t.Error("wrong entry ended")
	}
	r.nat.AddrRemoved(3, addr("10.0.2.3"))
	if r.nat.Clean(0); r.table.Count() != 0 {
		t.Error("entry outlived its address")
	}
}

// TestCleanInSteps: connections whose interface has gone end a few at a time, and
// those of another one stay.
func TestCleanInSteps(t *testing.T) {
	r := newRig(t)
	r.src = func(p *packet.Packet) nf.Verdict {
		return r.nat.Masquerade(p.CT, &Range{}, addr("10.0.2.2"), 2+int(p.SrcPort())%2)
	}
	for port := range 40 {
		r.send(udp("10.0.1.2", uint16(1000+port), "10.0.2.9", 53))
	}
	r.nat.LinkDown(3)
	steps := 1
	for ; r.nat.Clean(8); steps++ {
		if ended := 40 - r.table.Count(); ended > 8*steps {
			t.Fatalf("step %d: %d connections have ended", steps, ended)
		}
	}
	if steps != 5 || r.table.Count() != 20 {
		t.Errorf("%d steps, %d connections are left; want 5 and 20", steps, r.table.Count())
	}
}

// TestMasqueradeWithoutAddress drops; from the unspecified source it does
// nothing.
func TestMasqueradeWithoutAddress(t *testing.T) {
	r := newRig(t)
	r.src = func(p *packet.Packet) nf.Verdict { return r.nat.Masquerade(p.CT, &Range{}, packet.Addr{}, 2) }
	if got := r.send(udp("10.0.1.2", 1111, "10.0.2.2", 53)); got != "drop" {
		t.Error(got)
	}
	if got := r.send(udp("0.0.0.0", 68, "10.0.2.2", 67)); got != "0.0.0.0:68>10.0.2.2:67" {
		t.Error(got)
	}
}

func TestRedirect(t *testing.T) {
	r := newRig(t)
	r.dst = func(p *packet.Packet) nf.Verdict {
		g := Range{}.ports(5353, 5353)
		return r.nat.Redirect(p.CT, &g, addr("10.0.1.1"))
	}
	if got := r.send(udp("10.0.1.2", 1111, "8.8.8.8", 53)); got != "10.0.1.2:1111>10.0.1.1:5353" {
		t.Error(got)
	}
	// The second one clashes with the first: its source port moves.
	p := r.forward(udp("10.0.1.2", 1111, "9.9.9.9", 53))
	if p.DstPort() != 5353 || p.SrcPort() == 1111 {
		t.Error(line(p))
	}
	back := udp("10.0.1.1", 5353, "10.0.1.2", p.SrcPort())
	if got := r.send(back); got != "9.9.9.9:53>10.0.1.2:1111" {
		t.Error(got)
	}
}

func TestSetupTwice(t *testing.T) {
	r := newRig(t)
	r.src = func(p *packet.Packet) nf.Verdict {
		g := one("10.0.2.9")
		if v := r.nat.Setup(p.CT, &g, Src); v != nf.Accept {
			return v
		}
		return r.nat.Setup(p.CT, &g, Src)
	}
	if got := r.send(udp("10.0.1.2", 1, "10.0.2.2", 2)); got != "drop" {
		t.Error(got)
	}
}

func TestFollowMaster(t *testing.T) {
	r := newRig(t)
	r.snat(one("10.0.2.100"))
	p := r.forward(tcp("10.0.1.2", 1111, "10.0.2.2", 21, nf.TCPSyn, 1, 0))
	if p == nil {
		t.Fatal("dropped")
	}
	var master uint32
	if id, _, ok := r.table.Lookup(tupleOf(t, r, "10.0.1.2", 1111, "10.0.2.2", 21, nf.ProtoTCP), zone0); ok {
		master = id
	}
	r.src = nil
	r.dst = func(p *packet.Packet) nf.Verdict { return r.nat.FollowMaster(p.CT, master, nf.DirOriginal, 5001) }
	if got := r.send(tcp("10.0.2.2", 20, "10.0.2.100", 6000, nf.TCPSyn, 1, 0)); got != "10.0.2.2:20>10.0.1.2:5001" {
		t.Error(got)
	}
}

// TestNoAllocation holds for packets of established connections.
func TestNoAllocation(t *testing.T) {
	r := newRig(t)
	r.snat(one("10.0.2.9").ports(4000, 4000))
	b := udp("10.0.1.2", 1111, "10.0.2.2", 53)
	r.send(b)
	r.send(udp("10.0.2.2", 53, "10.0.2.9", 4000))
	buf, p := slices.Clone(b), new(packet.Packet)
	if n := testing.AllocsPerRun(100, func() { copy(buf, b); r.through(p, buf) }); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

func BenchmarkApply(b *testing.B) {
	r := newRig(b)
	r.snat(one("10.0.2.9").ports(4000, 4000))
	d := udp("10.0.1.2", 1111, "10.0.2.2", 53)
	r.send(d)
	p := new(packet.Packet)
	p.Reset(slices.Clone(d), false)
	p.CheckIP()
	r.table.Track(p, nf.FamilyIPv4, nf.HookPrerouting, r.now)
	b.ReportAllocs()
	for b.Loop() {
		r.nat.Apply(p, nf.HookPostrouting)
	}
}

func BenchmarkPath(b *testing.B) {
	r := newRig(b)
	r.snat(one("10.0.2.9").ports(4000, 4000))
	d := udp("10.0.1.2", 1111, "10.0.2.2", 53)
	buf, p := slices.Clone(d), new(packet.Packet)
	b.ReportAllocs()
	for b.Loop() {
		copy(buf, d)
		r.through(p, buf)
	}
}

func BenchmarkNewFlow(b *testing.B) {
	r := newRig(b)
	r.snat(one("10.0.2.9"))
	d := udp("10.0.1.2", 1111, "10.0.2.2", 53)
	d[26], d[27] = 0, 0
	buf, p := slices.Clone(d), new(packet.Packet)
	b.ReportAllocs()
	for i := uint32(0); b.Loop(); i++ {
		copy(buf, d)
		binary.BigEndian.PutUint32(buf[20:], i)
		if i%50000 == 0 {
			r.table.Flush()
		}
		r.through(p, buf)
	}
}
