package vm

import (
	"encoding/binary"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// tenRules is the kind of chain that a stateful firewall has; the packet, UDP
// to port 53 from eth0, matches the last rule.
func tenRules(last ...bytecode.Expr) *bytecode.Program {
	state := func(bits byte, v nf.Verdict) []bytecode.Expr {
		return []bytecode.Expr{ctLoad(bytecode.CTState), &bytecode.Bitwise{SReg: 1, DReg: 1, Len: 4, Mask: []byte{bits, 0, 0, 0}, Xor: make([]byte, 4)},
			neq(0, 0, 0, 0), &bytecode.Immediate{Verdict: v}}
	}
	port := func(proto, port byte) []bytecode.Expr {
		return []bytecode.Expr{meta(bytecode.MetaL4Proto), eq(proto), load(bytecode.PayloadTransport, 2, 2), eq(0, port), &bytecode.Immediate{Verdict: nf.Accept}}
	}
	lo := append([]byte("lo"), make([]byte, 14)...)
	return program(state(6, nf.Accept), state(1, nf.Drop),
		[]bytecode.Expr{meta(bytecode.MetaIifName), eq(lo...), &bytecode.Immediate{Verdict: nf.Accept}},
		port(6, 22), port(6, 80), port(6, 25), port(17, 67), port(1, 8),
		[]bytecode.Expr{saddr, &bytecode.Bitwise{SReg: 1, DReg: 1, Len: 4, Mask: []byte{255, 255, 0, 0}, Xor: make([]byte, 4)}, eq(192, 168, 0, 0), &bytecode.Immediate{Verdict: nf.Drop}},
		append(last, &bytecode.Counter{}, &bytecode.Immediate{Verdict: nf.Accept}))
}

func bigSet(n int, flags uint32) *bytecode.Set {
	s := saddrSet(flags)
	for i := range n {
		k := binary.BigEndian.AppendUint32(nil, uint32(i)<<8|0x0a000000)
		s.Elements = append(s.Elements, bytecode.Element{Key: k})
		if flags&bytecode.SetInterval != 0 {
			end := binary.BigEndian.AppendUint32(nil, uint32(i)<<8|0x0a000080)
			s.Elements = append(s.Elements, bytecode.Element{Key: end, IntervalEnd: true})
		}
	}
	return s
}

// scene is a packet of a tracked flow and the machine that evaluates it.
func scene(t testing.TB, p *bytecode.Program, opt Options) (m *Machine, c *Chain, pkt *packet.Packet) {
	w := newWorld()
	pkt = parsed(ipv4(nf.ProtoUDP, udp(100, 53, 20)))
	pkt.In = nf.NewLink(3, "eth0")
	w.ct.Track(pkt, nf.FamilyIPv4, nf.HookPrerouting, w.now)
	r := mustLoad(t, p, opt)
	return NewMachine(w), r.tables[0].chains[0], pkt
}

func lookupProgram(s *bytecode.Set) *bytecode.Program {
	return withSets([]*bytecode.Set{s}, []bytecode.Expr{saddr, &bytecode.Lookup{Set: "s", SReg: 1}, drop})
}

func vmapProgram() *bytecode.Program {
	s := &bytecode.Set{Name: "s", Flags: bytecode.SetMap, DataType: bytecode.DataTypeVerdict, KeyLen: 4}
	for i := range byte(100) {
		s.Elements = append(s.Elements, bytecode.Element{Key: []byte{10, 0, 1, i}, Verdict: nf.Accept})
	}
	return withSets([]*bytecode.Set{s}, []bytecode.Expr{saddr, &bytecode.Lookup{Set: "s", SReg: 1, HasDReg: true}})
}

func TestNoAllocs(t *testing.T) {
	dyn := withSets([]*bytecode.Set{saddrSet(bytecode.SetEval)}, []bytecode.Expr{saddr,
		&bytecode.Dynset{Op: bytecode.DynsetUpdate, Set: "s", SReg: 1, Exprs: []bytecode.Expr{&bytecode.Counter{}}}})
	everything := append(tenRules().Tables[0].Chains[0].Rules[0].Exprs[:0:0], &bytecode.Limit{Rate: 1000, Unit: 1},
		&bytecode.Quota{Bytes: 1 << 40}, &bytecode.Numgen{Modulus: 3, DReg: 1}, saddr,
		&bytecode.Hash{SReg: 1, Len: 4, Modulus: 7, DReg: 1}, &bytecode.Hash{Symmetric: true, Modulus: 7, DReg: 1},
		&bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 1}, &bytecode.CTSet{Key: bytecode.CTMark, Dir: -1, SReg: 1})
	for name, p := range map[string]*bytecode.Program{
		"ten rules": tenRules(), "hash": lookupProgram(bigSet(1000, 0)), "intervals": lookupProgram(bigSet(1000, bytecode.SetInterval)),
		"vmap": vmapProgram(), "dynset": dyn, "expressions": program(everything), "dispatch": compiled(t, baseOf(chainOf(100), ""), 1),
	} {
		m, c, pkt := scene(t, p, Options{})
		m.Run(c, pkt, nf.HookPrerouting)
		if n := testing.AllocsPerRun(100, func() { m.Run(c, pkt, nf.HookPrerouting) }); n != 0 {
			t.Errorf("%s: %v allocations a packet", name, n)
		}
	}
}

func benchmark(b *testing.B, p *bytecode.Program, opt Options) {
	m, c, pkt := scene(b, p, opt)
	b.ReportAllocs()
	for b.Loop() {
		m.Run(c, pkt, nf.HookPrerouting)
	}
}

func BenchmarkChainOf10(b *testing.B)      { benchmark(b, tenRules(), Options{}) }
func BenchmarkChainOf10Plain(b *testing.B) { benchmark(b, tenRules(), Options{Plain: true}) }
func BenchmarkHashLookup(b *testing.B)     { benchmark(b, lookupProgram(bigSet(60000, 0)), Options{}) }
func BenchmarkIntervalLookup(b *testing.B) {
	benchmark(b, lookupProgram(bigSet(60000, bytecode.SetInterval)), Options{})
}
func BenchmarkVerdictMap(b *testing.B) { benchmark(b, vmapProgram(), Options{}) }

func BenchmarkLoadMillion(b *testing.B) {
	p := lookupProgram(bigSet(1e6, 0))
	for b.Loop() {
		mustLoad(b, p, Options{})
	}
}
