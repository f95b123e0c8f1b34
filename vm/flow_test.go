package vm

import (
	"fmt"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

func verdict(v nf.Verdict, chain ...string) []bytecode.Expr {
	i := &bytecode.Immediate{Verdict: v}
	if len(chain) > 0 {
		i.Chain = chain[0]
	}
	return []bytecode.Expr{i}
}

// setMark makes a rule that notes its passing in one bit of the mark.
func setMark(bit uint) []bytecode.Expr {
	return []bytecode.Expr{
		&bytecode.Meta{Key: bytecode.MetaMark, DReg: 1},
		&bytecode.Bitwise{SReg: 1, DReg: 1, Len: 4, Mask: []byte{^byte(1 << bit), 255, 255, 255}, Xor: []byte{1 << bit, 0, 0, 0}},
		&bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 1},
	}
}

func chain(name string, rules ...[]bytecode.Expr) *bytecode.Chain {
	c := &bytecode.Chain{Name: name}
	for i, r := range rules {
		c.Rules = append(c.Rules, &bytecode.Rule{Handle: uint64(i + 1), Exprs: r, Text: fmt.Sprint(name, i)})
	}
	return c
}

// events is a Tracer that writes one word an event.
type events struct{ b strings.Builder }

func (e *events) Rule(_ *packet.Packet, c *Chain, r *bytecode.Rule, v nf.Verdict, target *Chain) {
	fmt.Fprintf(&e.b, "%s:%d:%s", c.Name, r.Handle, v)
	if target != nil {
		e.b.WriteString(">" + target.Name)
	}
	e.b.WriteByte(' ')
}

func (e *events) Policy(_ *packet.Packet, c *Chain, v nf.Verdict) {
	fmt.Fprintf(&e.b, "%s:policy:%s ", c.Name, v)
}

func TestTraversal(t *testing.T) {
	for _, c := range []struct {
		name  string
		base  [][]bytecode.Expr
		other []*bytecode.Chain
		want  nf.Verdict
		mark  uint32
		trace string
	}{
		{"empty chain", nil, nil, nf.Accept, 0, "c:policy:accept "},
		{"drop", [][]bytecode.Expr{verdict(nf.Drop)}, nil, nf.Drop, 0, "c:1:drop "},
		{"jump comes back", [][]bytecode.Expr{verdict(nf.Jump, "a"), setMark(1)}, []*bytecode.Chain{chain("a", setMark(0))}, nf.Accept, 3,
			"c:1:jump>a a:1:continue c:2:continue c:policy:accept "},
		{"goto from the base chain ends in the policy", [][]bytecode.Expr{verdict(nf.Goto, "a"), setMark(1)}, []*bytecode.Chain{chain("a", setMark(0))}, nf.Accept, 1,
			"c:1:goto>a a:1:continue c:policy:accept "},
		{"goto in a jumped chain returns behind the jump", [][]bytecode.Expr{verdict(nf.Jump, "a"), setMark(2)},
			[]*bytecode.Chain{chain("a", verdict(nf.Goto, "b"), setMark(1)), chain("b", setMark(0))}, nf.Accept, 5,
			"c:1:jump>a a:1:goto>b b:1:continue c:2:continue c:policy:accept "},
		{"return", [][]bytecode.Expr{verdict(nf.Jump, "a"), setMark(1)}, []*bytecode.Chain{chain("a", verdict(nf.Return), setMark(0))}, nf.Accept, 2,
			"c:1:jump>a a:1:return c:2:continue c:policy:accept "},
		{"return in the base chain is the policy", [][]bytecode.Expr{verdict(nf.Return), verdict(nf.Drop)}, nil, nf.Accept, 0, "c:1:return c:policy:accept "},
		{"continue", [][]bytecode.Expr{verdict(nf.Continue), setMark(0)}, nil, nf.Accept, 1, "c:1:continue c:2:continue c:policy:accept "},
		{"side effects before a mismatch stay", [][]bytecode.Expr{append(setMark(0), meta(bytecode.MetaLen), eq(1, 1, 1, 1))}, nil, nf.Accept, 1, "c:policy:accept "},
		{"verdict in a jumped chain", [][]bytecode.Expr{verdict(nf.Jump, "a")}, []*bytecode.Chain{chain("a", verdict(nf.Drop))}, nf.Drop, 0, "c:1:jump>a a:1:drop "},
	} {
		p := program(c.base...)
		p.Tables[0].Chains = append(p.Tables[0].Chains, c.other...)
		r := mustLoad(t, p, Options{})
		pkt := parsed(ipv4(17, nil))
		pkt.Trace = true
		tr := new(events)
		m := NewMachine(newWorld())
		m.Tracer = tr
		v := m.Run(r.BaseChains(nf.FamilyIPv4, nf.HookPrerouting)[0], pkt, nf.HookPrerouting)
		if v != c.want || pkt.Mark != c.mark || tr.b.String() != c.trace {
			t.Errorf("%s: %v, mark %d, trace %q", c.name, v, pkt.Mark, tr.b.String())
		}
	}
}

func TestDecided(t *testing.T) {
	p := program(verdict(nf.Jump, "a"))
	p.Tables[0].Chains[0].Base.Policy = nf.Drop
	p.Tables[0].Chains = append(p.Tables[0].Chains, chain("a", append([]bytecode.Expr{meta(bytecode.MetaMark), eq(1, 0, 0, 0)}, verdict(nf.Accept)...)))
	r := mustLoad(t, p, Options{})
	m := NewMachine(newWorld())
	pkt := parsed(ipv4(17, nil))
	base := r.BaseChains(nf.FamilyIPv4, nf.HookPrerouting)[0]
	if m.Run(base, pkt, 0); m.Decided.Chain.Name != "c" || m.Decided.Rule != nil {
		t.Errorf("policy: decided by %v, %v", m.Decided.Chain.Name, m.Decided.Rule)
	}
	pkt.Mark = 1
	if m.Run(base, pkt, 0); m.Decided.Chain.Name != "a" || m.Decided.Rule.Handle != 1 {
		t.Errorf("rule: decided by %v, %v", m.Decided.Chain.Name, m.Decided.Rule)
	}
}

func TestBaseChainOrder(t *testing.T) {
	base := func(name string, prio int32, order uint32) *bytecode.Chain {
		return &bytecode.Chain{Name: name, Order: order, Base: &bytecode.BaseChain{Hook: nf.HookInput, Priority: prio, Policy: nf.Accept}}
	}
	p := &bytecode.Program{Tables: []*bytecode.Table{
		{Family: nf.FamilyInet, Name: "t1", Chains: []*bytecode.Chain{base("n", 0, 1), base("m", 0, 2), base("early", -5, 3)}},
		{Family: nf.FamilyIPv4, Name: "t2", Chains: []*bytecode.Chain{base("o", 0, 4)}},
	}}
	r := mustLoad(t, p, Options{})
	names := func(f nf.Family) (s string) {
		for _, c := range r.BaseChains(f, nf.HookInput) {
			s += c.Name + " "
		}
		return s
	}
	if got := names(nf.FamilyIPv4); got != "early o m n " {
		t.Errorf("ip: %s", got)
	}
	if got := names(nf.FamilyIPv6); got != "early m n " {
		t.Errorf("ip6: %s", got)
	}
}

func TestUnsupported(t *testing.T) {
	for _, c := range []struct {
		e    bytecode.Expr
		want string
	}{
		{&bytecode.Synproxy{}, "synproxy is not supported"},
	} {
		p := program([]bytecode.Expr{c.e})
		p.Files = []string{"x.nft"}
		p.Tables[0].Chains[0].Rules[0].Pos = bytecode.Pos{Line: 3, Col: 5, EndLine: 3, EndCol: 9}
		_, err := Load(p, Options{})
		if err == nil || !strings.HasPrefix(err.Error(), "x.nft:3:5-9: table inet t, chain c, rule 1: "+c.want) {
			t.Errorf("%s: %v", c.e.Name(), err)
		}
	}
}
