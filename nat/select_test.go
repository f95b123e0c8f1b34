package nat

import (
	"encoding/binary"
	"testing"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// TestAddressVectors holds choices that Linux 6.18 made: a client gets the same
// address on every machine.
func TestAddressVectors(t *testing.T) {
	tests := []struct {
		src, dst, min, max string
		hash, hashP        uint32
		m                  Manip
		want, wantP        string
	}{
		{"10.0.1.2", "10.0.2.2", "10.0.2.100", "10.0.2.109", 0x123e2ad2, 0xf0fc7e54, Src, "10.0.2.100", "10.0.2.109"},
		{"10.0.1.3", "10.0.2.2", "10.0.2.100", "10.0.2.109", 0x8cfafd28, 0xa81f56ed, Src, "10.0.2.105", "10.0.2.106"},
		{"10.0.1.2", "10.0.2.3", "10.0.2.100", "10.0.2.109", 0x148e46bb, 0xf0fc7e54, Src, "10.0.2.100", "10.0.2.109"},
		{"10.0.1.2", "10.9.9.9", "10.0.2.10", "10.0.2.19", 0xe090c052, 0xf0fc7e54, Dst, "10.0.2.18", "10.0.2.19"},
		{"192.168.1.10", "8.8.8.8", "203.0.113.0", "203.0.113.255", 0x0a6149b3, 0xe95161e4, Src, "203.0.113.10", "203.0.113.233"},
		{"192.168.1.11", "8.8.8.8", "203.0.113.0", "203.0.113.255", 0x81c06109, 0xf43f650c, Src, "203.0.113.129", "203.0.113.244"},
	}
	for _, tt := range tests {
		src, dst := addr(tt.src), addr(tt.dst)
		if got := hashAddr(&src, word(&dst, 0)); got != tt.hash {
			t.Errorf("%s %s: hash %#x, want %#x", tt.src, tt.dst, got, tt.hash)
		}
		if got := hashAddr(&src, 0); got != tt.hashP {
			t.Errorf("%s: hash %#x, want %#x", tt.src, got, tt.hashP)
		}
		for flags, want := range map[uint32]string{0: tt.want, FlagPersistent: tt.wantP} {
			r := addrs(tt.min, tt.max).with(flags)
			tup := ct.Tuple{Src: src, Dst: dst, L3: 2, L4: 17}
			r.chooseAddr(&tup, tt.m, 0)
			got := tup.Src
			if tt.m == Dst {
				got = tup.Dst
			}
			if got.Text(nf.FamilyIPv4) != want {
				t.Errorf("%s %s flags %d: %s, want %s", tt.src, tt.dst, flags, got.Text(nf.FamilyIPv4), want)
			}
		}
	}
}

// TestAddressStaysInRange looks at ranges over several words of an address.
func TestAddressStaysInRange(t *testing.T) {
	for i := range uint32(2000) {
		for _, g := range []Range{addrs("fd00::1", "fd00::1:5"), addrs("fd00:0:0:5::", "fd00:0:0:7:ffff:ffff:ffff:ffff"), addrs("::", "ffff::")} {
			tup := ct.Tuple{Src: addr("fd01::"), Dst: addr("fd02::2"), L3: 10, L4: 17}
			binary.BigEndian.PutUint32(tup.Src[12:], i*2654435761)
			g.chooseAddr(&tup, Src, 3)
			if !g.holds(&tup) {
				t.Fatalf("%v outside of %v", tup.Src, g)
			}
		}
	}
}

func TestPortClasses(t *testing.T) {
	none := Range{Flags: FlagMapIPs}
	tests := []struct {
		name   string
		l4     uint8
		port   uint16
		r      Range
		m      Manip
		master bool
		want   span
		ok     bool
	}{
		{"tcp 1", nf.ProtoTCP, 1, none, Src, false, span{1, 511}, true},
		{"tcp 511", nf.ProtoTCP, 511, none, Src, false, span{1, 511}, true},
		{"udp 512", nf.ProtoUDP, 512, none, Src, false, span{600, 424}, true},
		{"sctp 1023", nf.ProtoSCTP, 1023, none, Src, false, span{600, 424}, true},
		{"udplite 1024", nf.ProtoUDPLite, 1024, none, Src, false, span{1024, 64512}, true},
		{"destination", nf.ProtoTCP, 80, none, Dst, false, span{}, false},
		{"given", nf.ProtoTCP, 80, none.ports(5, 9), Dst, false, span{5, 5}, true},
		{"given backwards", nf.ProtoTCP, 80, none.ports(9, 5), Src, false, span{5, 5}, true},
		{"icmp", nf.ProtoICMP, 7, none, Dst, false, span{0, 65536}, true},
		{"icmp given", nf.ProtoICMP, 7, none.ports(7, 8), Src, false, span{7, 2}, true},
		{"icmp empty", nf.ProtoICMP, 7, none.ports(8, 7), Src, false, span{8, 0}, true},
		{"gre", nf.ProtoGRE, 0, none, Src, false, span{1, 65535}, false},
		{"pptp", nf.ProtoGRE, 0, none, Src, true, span{1, 65535}, true},
		{"esp", nf.ProtoESP, 0, none, Src, false, span{}, false},
	}
	for _, tt := range tests {
		tup := ct.Tuple{L4: tt.l4, SrcID: tt.port}
		got, ok := spanOf(&tup, &tt.r, tt.m, tt.master)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: %v %v, want %v %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestNetmap(t *testing.T) {
	r := addrs("10.0.2.0", "10.0.2.255")
	r.Netmap(addr("10.88.0.77"))
	if r.MinAddr != addr("10.0.2.77") || r.MaxAddr != r.MinAddr {
		t.Errorf("%v", r.MinAddr)
	}
	r = addrs("fd02::", "fd02::ffff:ffff:ffff:ffff")
	r.Netmap(addr("fd01:9::1:2"))
	if r.MinAddr != addr("fd02::1:2") {
		t.Errorf("%v", r.MinAddr)
	}
}

// Two clients and a server of the sequences.
const c, d, s = "10.0.1.2", "10.0.1.3", "10.0.2.2"

// A step is a packet and how it leaves the router.
type step struct {
	b    []byte
	want string
}

// sequences are packets sent in turn through one router, each with what Linux
// 6.18 made of it.
var sequences = []struct {
	name  string
	set   func(r *rig)
	steps []step
}{
	{"snat keeps the port", func(r *rig) { r.snat(one("10.0.2.9")) }, []step{
		{udp(c, 1111, s, 53), "10.0.2.9:1111>10.0.2.2:53"},
		{udp(s, 53, "10.0.2.9", 1111), "10.0.2.2:53>10.0.1.2:1111"},
	}},
	{"dnat port range goes up from the least", func(r *rig) { r.dnat(one(s).ports(8000, 8003)) }, []step{
		{udp(c, 1111, "10.9.9.9", 80), "10.0.1.2:1111>10.0.2.2:8000"},
		{udp(c, 1111, "10.9.9.9", 81), "10.0.1.2:1111>10.0.2.2:8001"},
		{udp(c, 1111, "10.9.9.9", 8002), "10.0.1.2:1111>10.0.2.2:8002"},
		{udp(c, 1111, "10.9.9.9", 82), "10.0.1.2:1111>10.0.2.2:8003"},
		{udp(d, 1111, "10.9.9.9", 80), "10.0.1.3:1111>10.0.2.2:8000"},
		{udp(s, 8001, c, 1111), "10.9.9.9:81>10.0.1.2:1111"},
	}},
	{"shifted ports", func(r *rig) {
		g := one(s).ports(7000, 7010).with(FlagPortOffset)
		g.BasePort = 5000
		r.dnat(g)
	}, []step{
		{udp(c, 1111, "10.9.9.9", 5000), "10.0.1.2:1111>10.0.2.2:7000"},
		{udp(c, 1111, "10.9.9.9", 5003), "10.0.1.2:1111>10.0.2.2:7003"},
		{udp(c, 1111, "10.9.9.8", 5003), "10.0.1.2:1111>10.0.2.2:7004"},
	}},
	{"exhausted snat port is dropped at confirmation", func(r *rig) { r.snat(one("10.0.2.9").ports(5000, 5000)) }, []step{
		{udp(c, 1111, s, 53), "10.0.2.9:5000>10.0.2.2:53"},
		{udp(d, 1111, s, 53), "drop"},
		{udp(d, 1111, s, 54), "10.0.2.9:5000>10.0.2.2:54"},
		{udp(c, 1111, s, 53), "10.0.2.9:5000>10.0.2.2:53"},
	}},
	{"identifier range", func(r *rig) { r.snat(one("10.0.2.9").ports(7, 8)) }, []step{
		{echo(c, s, 8, 7), "10.0.2.9:7>10.0.2.2:8"},
		{echo(d, s, 8, 7), "10.0.2.9:8>10.0.2.2:8"},
		{echo("10.0.1.4", s, 8, 7), "drop"},
		{echo(s, "10.0.2.9", 0, 8), "10.0.2.2:7>10.0.1.3:0"},
	}},
	{"protocol without ports clashes", func(r *rig) { r.snat(one("10.0.2.9")) }, []step{
		{ip(c, s, nf.ProtoESP, make([]byte, 16)), "10.0.2.9:0>10.0.2.2:0"},
		{ip(d, s, nf.ProtoESP, make([]byte, 16)), "drop"},
	}},
	{"port zero stays", func(r *rig) { r.snat(one("10.0.2.9")) }, []step{
		{udp(c, 0, s, 53), "10.0.2.9:0>10.0.2.2:53"},
	}},
	{"only ports", func(r *rig) { r.snat(Range{}.ports(4000, 4000)) }, []step{
		{udp(c, 1111, s, 53), "10.0.1.2:4000>10.0.2.2:53"},
	}},
	{"v6", func(r *rig) { r.snat(one("fd02::9")); r.dnat(one("fd02::2").ports(8080, 8080)) }, []step{
		{tcp("fd01::2", 1111, "fd09::9", 80, nf.TCPSyn, 1, 0), "fd02::9:1111>fd02::2:8080"},
		{tcp("fd02::2", 8080, "fd02::9", 1111, nf.TCPSyn|nf.TCPAck, 1, 2), "fd09::9:80>fd01::2:1111"},
		{echo("fd01::2", "fd09::9", 128, 5), "fd02::9:8080>fd02::2:128"},
		{echo("fd02::2", "fd02::9", 129, 8080), "fd09::9:5>fd01::2:129"},
	}},
}

func TestSequences(t *testing.T) {
	for _, tt := range sequences {
		r := newRig(t)
		tt.set(r)
		for i, st := range tt.steps {
			if got := r.send(st.b); got != st.want {
				t.Errorf("%s, packet %d: %s, want %s", tt.name, i+1, got, st.want)
			}
		}
	}
}

// portOf forwards a packet and gives the source port it left with.
func (r *rig) portOf(b []byte) uint16 {
	r.t.Helper()
	p := r.forward(b)
	if p == nil {
		r.t.Fatal("dropped")
	}
	return p.SrcPort()
}

// TestNullBindingMovesPort: a flow that no rule translates gives way to one
// that was translated onto its address and port.
func TestNullBindingMovesPort(t *testing.T) {
	r := newRig(t)
	r.src = func(p *packet.Packet) nf.Verdict {
		if p.Src() != addr("10.0.1.2") {
			return nf.Accept
		}
		g := one("10.0.1.3")
		return r.nat.Setup(p.CT, &g, Src)
	}
	if got := r.send(udp("10.0.1.2", 1111, "10.0.2.2", 53)); got != "10.0.1.3:1111>10.0.2.2:53" {
		t.Fatal(got)
	}
	if n := r.portOf(udp("10.0.1.3", 1111, "10.0.2.2", 53)); n == 1111 || n < 1024 {
		t.Errorf("port %d", n)
	}
	if n := r.portOf(udp("10.0.1.3", 1111, "10.0.2.2", 54)); n != 1111 {
		t.Errorf("port %d without clash", n)
	}
}

// TestClashClasses: a port that must move stays in its class.
func TestClashClasses(t *testing.T) {
	for _, tt := range []struct{ port, min, max uint16 }{{80, 1, 511}, {600, 600, 1023}, {1024, 1024, 65535}} {
		r := newRig(t)
		r.snat(one("10.0.2.9"))
		r.send(udp("10.0.1.2", tt.port, "10.0.2.2", 53))
		if n := r.portOf(udp("10.0.1.3", tt.port, "10.0.2.2", 53)); n == tt.port || n < tt.min || n > tt.max {
			t.Errorf("port %d became %d", tt.port, n)
		}
	}
}

// TestSourceReuse: a client socket keeps its address and port towards other
// destinations, whatever the hash says, until its flows are gone.
func TestSourceReuse(t *testing.T) {
	r := newRig(t)
	r.snat(addrs("10.0.2.100", "10.0.2.199"))
	first := r.forward(udp("10.0.1.2", 1111, "10.0.2.2", 53)).Src()
	for i := range 20 {
		dst := packet.Addr4(0x0a000300 + uint32(i))
		if got := r.forward(udp("10.0.1.2", 1111, dst.Text(nf.FamilyIPv4), 53)).Src(); got != first {
			t.Fatalf("%v instead of %v", got, first)
		}
	}
	if r.nat.sources.newest.Len() != 1 {
		t.Errorf("%d sources", r.nat.sources.newest.Len())
	}
	r.table.Flush()
	if r.nat.sources.newest.Len() != 0 {
		t.Errorf("%d sources left of dead entries", r.nat.sources.newest.Len())
	}
}

// TestSourcesUnlinked takes entries out of a source's list from both ends and
// from the middle.
func TestSourcesUnlinked(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}} {
		r := newRig(t)
		r.snat(one("10.0.2.9"))
		for i := range 3 {
			r.send(udp("10.0.1.2", 1111, "10.0.2.2", uint16(53+i)))
		}
		var ids []uint32
		r.table.ForEach(func(e *ct.Entry) bool { ids = append(ids, e.ID); return true })
		for k, i := range order {
			r.table.Kill(ids[i])
			n := 0
			source := keyOf(&ct.Tuple{Src: addr("10.0.1.2"), SrcID: 1111, L3: 2, L4: 17}, 0)
			for id := r.nat.sources.first(&source); id != 0; n++ {
				id = r.table.Entry(id).BySource[older]
			}
			if n != 2-k {
				t.Errorf("order %v: %d listed after %d kills", order, n, k+1)
			}
		}
	}
}

// TestDroppedLeavesNothing: a new flow that is dropped on its way is forgotten.
func TestDroppedLeavesNothing(t *testing.T) {
	r := newRig(t)
	r.snat(one("10.0.2.9").ports(5000, 5000))
	r.send(udp("10.0.1.2", 1111, "10.0.2.2", 53))
	for range 5 {
		r.send(udp("10.0.1.3", 1111, "10.0.2.2", 53))
	}
	if n := r.nat.sources.newest.Len(); n != 1 || r.table.Count() != 1 {
		t.Errorf("%d sources, %d entries", n, r.table.Count())
	}
}

// TestDNATClashMovesSource: when the destination ports are exhausted the
// source port gives way.
func TestDNATClashMovesSource(t *testing.T) {
	r := newRig(t)
	r.dnat(one("10.0.2.2").ports(8000, 8001))
	for i := range uint16(2) {
		r.send(udp("10.0.1.2", 1111, "10.9.9.9", 80+i))
	}
	p := r.forward(udp("10.0.1.2", 1111, "10.9.9.9", 90))
	if p == nil || p.DstPort() != 8001 || p.SrcPort() == 1111 || p.SrcPort() < 1024 {
		t.Errorf("%v", line(p))
	}
}

// TestRandomSkipsOriginal: with random the port is drawn even if it were free.
func TestRandomSkipsOriginal(t *testing.T) {
	for _, f := range []uint32{FlagRandom, FlagRandomFully} {
		r := newRig(t)
		r.snat(one("10.0.2.9").with(f))
		if n := r.portOf(udp("10.0.1.2", 1111, "10.0.2.2", 53)); n == 1111 {
			t.Errorf("port %d kept", n)
		}
	}
}

// TestEvictTimeWait: a TCP connection that is over gives its port to a new one
// with later sequence numbers, and to no other.
func TestEvictTimeWait(t *testing.T) {
	const c, d, s, n = "10.0.1.2", "10.0.1.3", "10.0.2.2", "10.0.2.9"
	const fin = nf.TCPFin | nf.TCPAck
	r := newRig(t)
	r.snat(one(n).ports(5000, 5000))
	go1 := func(b []byte, want string) {
		t.Helper()
		if got := r.send(b); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	out, in := n+":5000>"+s+":80", s+":80>"+c+":1111"
	go1(tcp(c, 1111, s, 80, nf.TCPSyn, 1000, 0), out)
	go1(tcp(s, 80, n, 5000, nf.TCPSyn|nf.TCPAck, 5000, 1001), in)
	go1(tcp(c, 1111, s, 80, nf.TCPAck, 1001, 5001), out)
	go1(tcp(d, 1111, s, 80, nf.TCPSyn, 9000, 0), "drop") // established: never
	go1(tcp(c, 1111, s, 80, fin, 1001, 5001), out)
	go1(tcp(s, 80, n, 5000, fin, 5001, 1002), in)
	go1(tcp(c, 1111, s, 80, nf.TCPAck, 1002, 5002), out)
	go1(tcp(d, 1111, s, 80, nf.TCPSyn, 900, 0), "drop") // older
	go1(tcp(d, 1111, s, 80, nf.TCPSyn, 9000, 0), out)
	if r.table.Count() != 1 {
		t.Errorf("%d entries", r.table.Count())
	}
}
