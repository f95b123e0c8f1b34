package netfilter

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/host"
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/packet"
)

const routerJSON = `{
 "addr": [
  {"ifindex":1,"ifname":"lo","mtu":65536,"link_type":"loopback","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host"}]},
  {"ifindex":2,"ifname":"lan0","mtu":1500,"link_type":"none","addr_info":[{"family":"inet","local":"10.0.1.1","prefixlen":24,"scope":"global"}]},
  {"ifindex":3,"ifname":"wan0","mtu":1400,"link_type":"none","addr_info":[{"family":"inet","local":"203.0.113.1","prefixlen":24,"scope":"global"}]}
 ],
 "route": [
  {"dst":"default","gateway":"203.0.113.254","dev":"wan0"},
  {"dst":"10.0.1.0/24","dev":"lan0","scope":"link","prefsrc":"10.0.1.1"},
  {"dst":"203.0.113.0/24","dev":"wan0","scope":"link","prefsrc":"203.0.113.1"},
  {"type":"unreachable","dst":"10.9.0.0/16"}
 ],
 "sysctl": {"net.ipv4.ip_forward":"1"}
}`

// A bench runs packets through an engine and keeps what comes out.
type bench struct {
	t   testing.TB
	e   *Engine
	out []string
	raw [][]byte
	n   int
}

func newBench(t testing.TB, p *bytecode.Program) *bench {
	t.Helper()
	h, err := host.Load([]byte(routerJSON))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t}
	if b.e, err = New(h, Options{Seed: 1, Sink: SinkFunc(b.packet)}); err != nil {
		t.Fatal(err)
	}
	if err := b.e.Load(p); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) packet(o *Outcome) {
	name := "-"
	if o.Link != nil {
		name = o.Link.Name
	}
	var p packet.Packet
	p.Reset(o.Frame, false)
	p.EtherType = nf.EtherTypeIPv4
	p.ParseIP()
	sp, dp, _ := p.Ports()
	b.out = append(b.out, fmt.Sprintf("%s %s %s:%d>%s:%d proto %d ttl %d %s", o.Kind, name,
		p.Src().Text(p.Family), sp, p.Dst().Text(p.Family), dp, p.Proto, p.TTL(), o.Reason))
	b.raw = append(b.raw, append([]byte{}, o.Frame...))
}

func (b *bench) send(link string, data []byte) []string {
	b.out, b.raw = nil, nil
	b.n++
	b.e.Process(&Frame{Number: b.n, Link: b.e.host.LinkByName(link), Time: int64(b.n) * 1e6, Data: data})
	return b.out
}

// udp builds an IPv4 UDP packet with right checksums.
func udp(src, dst string, sport, dport uint16, ttl uint8, n int) []byte {
	b := make([]byte, 28+n)
	b[0], b[8], b[9] = 0x45, ttl, nf.ProtoUDP
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	s, d := netip.MustParseAddr(src).As4(), netip.MustParseAddr(dst).As4()
	copy(b[12:], s[:])
	copy(b[16:], d[:])
	packet.FixIPv4Checksum(b)
	binary.BigEndian.PutUint16(b[20:], sport)
	binary.BigEndian.PutUint16(b[22:], dport)
	binary.BigEndian.PutUint16(b[24:], uint16(8+n))
	return b
}

func want(t *testing.T, got []string, lines ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(lines) {
		t.Errorf("got  %q\nwant %q", got, lines)
	}
}

func TestForward(t *testing.T) {
	b := newBench(t, &bytecode.Program{})
	want(t, b.send("lan0", udp("10.0.1.2", "192.0.2.1", 1111, 53, 64, 4)),
		"sent wan0 10.0.1.2:1111>192.0.2.1:53 proto 17 ttl 63 ")
	want(t, b.send("lan0", udp("10.0.1.2", "192.0.2.1", 1111, 53, 1, 4)),
		"sent lan0 10.0.1.1:0>10.0.1.2:0 proto 1 ttl 64 ",
		"dropped lan0 10.0.1.2:1111>192.0.2.1:53 proto 17 ttl 1 TTL exceeded")
	want(t, b.send("lan0", udp("10.0.1.2", "10.9.1.1", 1111, 53, 9, 4)),
		"sent lan0 10.0.1.1:0>10.0.1.2:0 proto 1 ttl 64 ",
		"dropped lan0 10.0.1.2:1111>10.9.1.1:53 proto 17 ttl 9 unreachable route")
	want(t, b.send("lan0", udp("10.0.1.2", "10.0.1.1", 1111, 53, 9, 4)),
		"delivered lan0 10.0.1.2:1111>10.0.1.1:53 proto 17 ttl 9 ")
	want(t, b.send("lan0", udp("10.0.1.1", "192.0.2.1", 1111, 53, 9, 4)),
		"dropped lan0 10.0.1.1:1111>192.0.2.1:53 proto 17 ttl 9 reverse path filter or martian source")
}

// natProgram masquerades what leaves by wan0, and drops what is neither new
// from the LAN nor part of a connection.
func natProgram() *bytecode.Program {
	wan := make([]byte, 16)
	copy(wan, "wan0")
	filter := &bytecode.Chain{Name: "forward", Order: 1,
		Base: &bytecode.BaseChain{Type: nf.ChainTypeFilter, Hook: nf.HookForward, Policy: nf.Drop},
		Rules: []*bytecode.Rule{
			{Exprs: []bytecode.Expr{
				&bytecode.CT{Key: bytecode.CTState, Dir: bytecode.DirNone, DReg: 1},
				&bytecode.Bitwise{SReg: 1, DReg: 1, Len: 4, Mask: []byte{6, 0, 0, 0}, Xor: make([]byte, 4)},
				&bytecode.Cmp{Op: bytecode.CmpNeq, SReg: 1, Data: make([]byte, 4)},
				&bytecode.Immediate{Verdict: nf.Accept},
			}},
			{Exprs: []bytecode.Expr{
				&bytecode.Meta{Key: bytecode.MetaOifName, DReg: 1},
				&bytecode.Cmp{SReg: 1, Data: wan},
				&bytecode.Counter{},
				&bytecode.Immediate{Verdict: nf.Accept},
			}},
		}}
	nat := &bytecode.Chain{Name: "post", Order: 2,
		Base: &bytecode.BaseChain{Type: nf.ChainTypeNAT, Hook: nf.HookPostrouting, Priority: 100, Policy: nf.Accept},
		Rules: []*bytecode.Rule{{Exprs: []bytecode.Expr{
			&bytecode.Meta{Key: bytecode.MetaOifName, DReg: 1},
			&bytecode.Cmp{SReg: 1, Data: wan},
			&bytecode.Masq{},
		}}}}
	return &bytecode.Program{Tables: []*bytecode.Table{{Family: nf.FamilyIPv4, Name: "t", Chains: []*bytecode.Chain{filter, nat}}}}
}

func TestMasquerade(t *testing.T) {
	b := newBench(t, natProgram())
	want(t, b.send("lan0", udp("10.0.1.2", "192.0.2.1", 1111, 53, 64, 4)),
		"sent wan0 203.0.113.1:1111>192.0.2.1:53 proto 17 ttl 63 ")
	want(t, b.send("wan0", udp("192.0.2.1", "203.0.113.1", 53, 1111, 60, 4)),
		"sent lan0 192.0.2.1:53>10.0.1.2:1111 proto 17 ttl 59 ")
	want(t, b.send("wan0", udp("192.0.2.9", "10.0.1.2", 53, 1111, 60, 4)),
		"dropped wan0 192.0.2.9:53>10.0.1.2:1111 proto 17 ttl 59 ")
	if n := b.e.Conntrack().Count(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// tenRules is a small gateway: ten rules on the way of a packet from the LAN.
const tenRules = `
table ip gw {
	set blocked { type ipv4_addr; flags interval; elements = { 198.51.100.0/24, 203.0.113.99 } }
	chain pre {
		type filter hook prerouting priority raw
		ip saddr @blocked drop
		fib saddr type broadcast drop
	}
	chain forward {
		type filter hook forward priority filter; policy drop
		ct state invalid drop
		ip daddr @blocked drop
		tcp flags & (syn | rst) == syn | rst drop
		udp dport { 137, 138 } drop
		ip ttl < 2 drop
		meta mark 0x7 drop
		iifname "lan0" oifname "wan0" counter
		ct state new,established accept
	}
	chain post {
		type nat hook postrouting priority srcnat
		oifname "wan0" masquerade
	}
}`

func compile(t testing.TB, text string) *bytecode.Program {
	t.Helper()
	f, errs := lang.Parse("rules.nft", []byte(text), lang.Options{})
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	r, errs := compiler.Compile([]*lang.File{f}, compiler.Options{})
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	return r.Program
}

// establish makes a flow with a packet each way, and gives the next packet.
func establish(t testing.TB) (*bench, *Frame) {
	t.Helper()
	b := newBench(t, compile(t, tenRules))
	b.send("lan0", udp("10.0.1.2", "192.0.2.1", 1111, 53, 64, 64))
	if out := b.send("wan0", udp("192.0.2.1", "203.0.113.1", 53, 1111, 60, 4)); len(out) != 1 || out[0][:4] != "sent" {
		t.Fatalf("the reply: %q", out)
	}
	b.e.sink = nil
	return b, &Frame{Link: b.e.host.LinkByName("lan0"), Data: udp("10.0.1.2", "192.0.2.1", 1111, 53, 64, 64), Time: 1e9}
}

// A packet of an established, translated flow through ten rules costs no
// allocation.
func TestNoAllocs(t *testing.T) {
	b, f := establish(t)
	if n := testing.AllocsPerRun(1000, func() { f.Time += 1000; b.e.Process(f) }); n != 0 {
		t.Errorf("%v allocations per packet, want 0", n)
	}
}

func BenchmarkPathSNAT(b *testing.B) {
	w, f := establish(b)
	b.ReportAllocs()
	for b.Loop() {
		f.Time += 1000
		w.e.Process(f)
	}
}
