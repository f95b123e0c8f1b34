package vm

import (
	"fmt"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/packet"
)

// compiled is a ruleset from its text, at a level of optimisation.
func compiled(t testing.TB, src string, level int) *bytecode.Program {
	t.Helper()
	f, list := lang.Parse("rules.nft", []byte(src), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{Level: level})
	list.Append(more)
	if list.HasErrors() {
		t.Fatal(list.String())
	}
	return res.Program
}

// baseOf is a base chain of some rules, in a table with further text.
func baseOf(rules []string, more string) string {
	return "table ip t {\n" + more + "\nchain c {\ntype filter hook prerouting priority 0\n" + strings.Join(rules, "\n") + "\n}\n}\n"
}

// counts gives the packets of every counter of a ruleset's first chain.
func counts(r *Ruleset) string {
	var out []string
	c := r.tables[0].chains
	for i := range c[len(c)-1].rules {
		for _, s := range c[len(c)-1].rules[i].states {
			out = append(out, fmt.Sprint(s.a))
		}
	}
	return strings.Join(out, " ")
}

// Counters show that a packet meets the same rules with an index and without.
func TestDispatch(t *testing.T) {
	var flags, ports, marks, jumps []string
	for range 2 {
		for _, f := range []string{"syn", "ack", "== syn", "& (syn | ack) == ack", "fin,rst", "!= psh", "! urg", "& (fin | syn | rst | ack) == syn | ack",
			"syn,ack", "{ syn, ack }", "psh", "== ack", "fin", "rst", "urg", "== { syn | ack }"} {
			flags = append(flags, "tcp flags "+f+" counter")
		}
	}
	for n := range 40 {
		ports = append(ports, fmt.Sprintf("tcp dport %d-%d counter", n, n*n), fmt.Sprintf("ip saddr 10.0.%d.0/%d counter", n%4, 20+n%8))
		marks = append(marks, fmt.Sprintf("meta mark %d counter", n))
		if n%5 == 0 {
			marks = append(marks, fmt.Sprintf("meta mark < %d counter meta mark set %d", 6*n, 7*n%40))
		}
		jumps = append(jumps, fmt.Sprintf("meta mark %d counter jump j", n%3))
	}
	more := "chain j {\nmeta mark 1 counter meta mark set 2\nmeta mark 0 meta mark set 1 return\nmeta mark 2 meta mark set 0\n}\n"
	for name, rules := range map[string][]string{"flags": flags, "ports": ports, "marks": marks, "jumps": jumps} {
		t.Run(name, func(t *testing.T) {
			src := baseOf(rules, more)
			if p := compiled(t, src, 1); len(p.Tables[0].Chains[1].Dispatch) != 1 {
				t.Fatalf("%d runs of rules have an index", len(p.Tables[0].Chains[1].Dispatch))
			}
			for bits := range 64 {
				for level, want := 0, ""; level <= 1; level++ {
					r := mustLoad(t, compiled(t, src, level), Options{})
					seg := tcp(100, uint16(bits))
					seg[13] = byte(bits)
					pkt := parsed(ipv4(nf.ProtoTCP, seg))
					NewMachine(newWorld()).Run(r.tables[0].chains[1], pkt, nf.HookPrerouting)
					got := fmt.Sprint(counts(r), " mark ", pkt.Mark)
					if level == 1 && got != want {
						t.Fatalf("flags and port %d\nplain %s\nindex %s", bits, want, got)
					}
					want = got
				}
			}
		})
	}
}

// A chain with an index that is entered twice is gone through twice.
func TestDispatchTwice(t *testing.T) {
	var rules []string
	for n := range 40 {
		rules = append(rules, fmt.Sprintf("udp dport %d counter", n%4))
	}
	src := baseOf([]string{"jump j", "jump j"}, "chain j {\n"+strings.Join(rules, "\n")+"\n}\n")
	r := mustLoad(t, compiled(t, src, 1), Options{})
	chains := r.tables[0].chains
	if len(chains[0].Dispatch) != 1 {
		t.Fatal("the chain has no index")
	}
	NewMachine(newWorld()).Run(chains[1], parsed(ipv4(nf.ProtoUDP, udp(9, 1, 0))), nf.HookPrerouting)
	for i := range chains[0].rules {
		want := uint64(0)
		if i%4 == 1 {
			want = 2
		}
		for _, s := range chains[0].rules[i].states {
			if s.a != want {
				t.Errorf("rule %d counted %d packets, want %d", i+1, s.a, want)
			}
		}
	}
}

// A run of rules that would drop a packet which is too short for its header
// does so, at the same rule.
func TestDispatchWhole(t *testing.T) {
	var rules [][]bytecode.Expr
	for n := range byte(30) {
		rules = append(rules, []bytecode.Expr{meta(bytecode.MetaL4Proto), eq(17), &bytecode.Payload{Base: bytecode.PayloadTransport, Offset: 2, Len: 2, DReg: 1, Whole: 8},
			eq(0, n), &bytecode.Immediate{Verdict: nf.Accept}})
	}
	p := program(rules...)
	key := []bytecode.Expr{rules[0][2]}
	p.Tables[0].Chains[0].Dispatch = []bytecode.Dispatch{{First: 3, Count: 20, Key: key}}
	r := mustLoad(t, p, Options{})
	for _, c := range []struct {
		data []byte
		want nf.Verdict
	}{
		{ipv4(nf.ProtoUDP, udp(1, 9, 0)), nf.Accept},
		{ipv4(nf.ProtoUDP, udp(1, 9, 0)[:5]), nf.Drop},
		{ipv4(nf.ProtoTCP, tcp(1, 9)[:5]), nf.Accept},
	} {
		m := NewMachine(newWorld())
		if v := m.Run(r.tables[0].chains[0], parsed(c.data), nf.HookPrerouting); v != c.want {
			t.Errorf("%v, want %v", v, c.want)
		} else if v == nf.Drop && m.Decided.Rule != p.Tables[0].Chains[0].Rules[0] {
			t.Error("another rule drops the packet")
		}
	}
}

// Annotations that are wrong are refused.
func TestLoadAnnotations(t *testing.T) {
	key := []bytecode.Expr{meta(bytecode.MetaMark)}
	for _, c := range []struct {
		dispatch []bytecode.Dispatch
		skip     []uint32
		want     string
	}{
		{[]bytecode.Dispatch{{First: 0, Count: 2, Key: key}}, nil, ""},
		{[]bytecode.Dispatch{{First: 1, Count: 2, Key: key}}, nil, "dispatch of 2 rules from 1"},
		{[]bytecode.Dispatch{{First: 0, Count: 1, Key: key}, {First: 0, Count: 1, Key: key}}, nil, "where 1 are left"},
		{[]bytecode.Dispatch{{First: 1<<32 - 1, Count: 1<<32 - 1, Key: key}}, nil, "dispatch of"},
		{[]bytecode.Dispatch{{Count: 1}}, nil, "by 0 loads"},
		{[]bytecode.Dispatch{{Count: 1, Key: []bytecode.Expr{meta(bytecode.MetaPRandom)}}}, nil, "random"},
		{[]bytecode.Dispatch{{Count: 1, Key: []bytecode.Expr{&bytecode.Counter{}}}}, nil, "dispatch by *bytecode.Counter"},
		{[]bytecode.Dispatch{{Count: 1, Key: []bytecode.Expr{load(bytecode.PayloadNetwork, 0, 40), load(bytecode.PayloadNetwork, 0, 40)}}}, nil, "80 bytes"},
		{nil, []uint32{2}, ""},
		{nil, []uint32{3}, ""},
		{nil, []uint32{2, 3}, ""},
		{nil, []uint32{1}, "can't be skipped"},
		{nil, []uint32{0}, "depends on one that is skipped"},
		{nil, []uint32{0, 1}, "can't be skipped"},
		{nil, []uint32{4}, "skips expression 5 of 4"},
		{nil, []uint32{3, 2}, "skips expression 3"},
	} {
		p := program([]bytecode.Expr{saddr, eq(10, 0, 1, 2), saddr, eq(10, 0, 1, 2)}, []bytecode.Expr{drop})
		p.Tables[0].Chains[0].Dispatch, p.Tables[0].Chains[0].Rules[0].Skip = c.dispatch, c.skip
		_, err := Load(p, Options{})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v %v: %v, want %q", c.dispatch, c.skip, err, c.want)
		}
	}
}

// chainOf has n rules for one address and port each, and a counter behind; the
// packets of benchmarkChain match every rule in turn.
func chainOf(n int) []string {
	var rules []string
	for i := range n {
		rules = append(rules, fmt.Sprintf("ip saddr 10.1.%d.%d udp dport %d counter accept", i/200, i%200+1, 1000+i%50))
	}
	return rules
}

func benchmarkChain(b *testing.B, n, level int) {
	r := mustLoad(b, compiled(b, baseOf(chainOf(n), ""), level), Options{})
	m, c := NewMachine(newWorld()), r.tables[0].chains[0]
	var pkts []*packet.Packet
	for i := 0; i < n; i += max(n/100, 1) {
		data := ipv4(nf.ProtoUDP, udp(5, uint16(1000+i%50), 9))
		data[13], data[14], data[15] = 1, byte(i/200), byte(i%200+1)
		pkts = append(pkts, parsed(data))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Run(c, pkts[i%len(pkts)], nf.HookPrerouting)
		i++
	}
}

func BenchmarkDispatch(b *testing.B) {
	for _, n := range []int{5, 10, 20, 100, 1000, 10000} {
		for level := range 2 {
			b.Run(fmt.Sprintf("rules=%d/O%d", n, level), func(b *testing.B) { benchmarkChain(b, n, level) })
		}
	}
}

// mixed has n rules that ask for many fields, each rule for some of them.
func mixed(n int) []string {
	var rules []string
	for i := range n {
		var b strings.Builder
		for bit, field := range []string{
			fmt.Sprintf("ip saddr 10.%d.0.0/%d ", i+2, 16+i%8), fmt.Sprintf("udp sport %d ", 2000+i), fmt.Sprintf("meta mark %d ", i+1),
			fmt.Sprintf("ip daddr & 0.0.0.%d == 0.0.0.%d ", 1<<(i%8), 1<<(i%8)), fmt.Sprintf("meta length %d ", i+1), fmt.Sprintf("ip ttl %d ", i+70)} {
			if (i%31+1)>>(bit%5)&1 != 0 {
				b.WriteString(field)
			}
		}
		fmt.Fprintf(&b, "udp dport %d counter accept", 1001+i%5)
		rules = append(rules, b.String())
	}
	return rules
}

// A packet that no rule of many shapes wants.
func BenchmarkMixed(b *testing.B) {
	for _, n := range []int{16, 32, 64, 128} {
		for level := range 2 {
			b.Run(fmt.Sprintf("rules=%d/O%d", n, level), func(b *testing.B) {
				r := mustLoad(b, compiled(b, baseOf(mixed(n), ""), level), Options{})
				m, pkt := NewMachine(newWorld()), parsed(ipv4(nf.ProtoUDP, udp(5, 1003, 9)))
				for b.Loop() {
					m.Run(r.tables[0].chains[0], pkt, nf.HookPrerouting)
				}
			})
		}
	}
}
