package bytecode

import (
	"fmt"
	"strings"
	"testing"

	"nfvm/nf"
)

func jumpTo(name string) []Expr { return []Expr{&Immediate{Verdict: nf.Jump, Chain: name}} }

// verifiable is a table inet t with a base chain c (filter, prerouting) of one
// rule.
func verifiable(exprs ...Expr) *Program {
	c := &Chain{Name: "c", Base: &BaseChain{Hook: nf.HookPrerouting, Policy: nf.Accept}, Rules: []*Rule{{Exprs: exprs, Pos: Pos{Line: 2, Col: 3, EndCol: 9}}}}
	sets := []*Set{
		{Name: "s", KeyLen: 4}, {Name: "m", Flags: SetMap, KeyLen: 4, DataLen: 4},
		{Name: "v", Flags: SetMap, DataType: DataTypeVerdict, KeyLen: 4}, {Name: "i", Flags: SetInterval, KeyLen: 4},
	}
	return &Program{Files: []string{"x.nft"}, Tables: []*Table{{Family: nf.FamilyInet, Name: "t", Chains: []*Chain{c}, Sets: sets}}}
}

func atHook(p *Program, t nf.ChainType, h nf.Hook) *Program {
	b := p.Tables[0].Chains[0].Base
	b.Type, b.Hook = t, h
	return p
}

func TestVerifyRules(t *testing.T) {
	imm := &Immediate{DReg: 1, Data: []byte{1, 2, 3, 4}}
	for _, c := range []struct {
		p    *Program
		want string // "" for a program that is fine
	}{
		{verifiable(imm, &Cmp{SReg: 1, Data: []byte{1, 2, 3, 4}}), ""},
		{verifiable(&Payload{Len: 4, DReg: 5}), "register 5 does not exist"},
		{verifiable(&Payload{Len: 8, DReg: 23}), "8 bytes from register 23 reach beyond"},
		{verifiable(&Payload{Len: 0, DReg: 1}), "payload expression over 0 bytes"},
		{verifiable(&Cmp{SReg: 1, Data: []byte{1}}), "cmp reads register 1, which the rule has not written"},
		{verifiable(imm, &Cmp{SReg: 1, Data: make([]byte, 5)}), "not written"},
		{verifiable(imm, &Cmp{SReg: 1}), "cmp with 0 bytes"},
		{verifiable(imm, &Cmp{SReg: 1, Op: 9, Data: []byte{1}}), "unknown comparison"},
		{verifiable(imm, &Bitwise{SReg: 1, DReg: 1, Len: 4, Mask: []byte{1}}), "bitwise over 4 bytes"},
		{verifiable(imm, &Bitwise{Op: BitwiseLshift, SReg: 1, DReg: 1, Len: 4, Shift: 32}), "shift by 32"},
		{verifiable(imm, &Byteorder{SReg: 1, DReg: 1, Len: 4, Size: 3}), "byteorder"},
		{verifiable(imm, &Range{SReg: 1, From: []byte{1}, To: []byte{1, 2}}), "range with ends"},
		{verifiable(imm, &Lookup{Set: "s", SReg: 1}), ""},
		{verifiable(imm, &Lookup{Set: "s", SetID: 9, SReg: 1}), "set s does not exist"},
		{verifiable(imm, &Lookup{Set: "m", SetID: 1, SReg: 1, HasDReg: true, DReg: 1}), ""},
		{verifiable(imm, &Lookup{Set: "s", SReg: 1, HasDReg: true, DReg: 1}), "s is not a map"},
		{verifiable(imm, &Lookup{Set: "m", SetID: 1, SReg: 1, HasDReg: true}), "can't go to register 0"},
		{verifiable(imm, &Lookup{Set: "v", SetID: 2, SReg: 1, HasDReg: true, Invert: true}), "can't be inverted"},
		{verifiable(imm, &Dynset{Set: "s", SReg: 1}), ""},
		{verifiable(imm, &Dynset{Set: "s", SReg: 1, Exprs: []Expr{&Notrack{}}}), "notrack can't be part of a set element"},
		{verifiable(imm, &Dynset{Set: "i", SetID: 3, SReg: 1}), "can't be changed by packets"},
		{verifiable(imm, &Dynset{Set: "s", SReg: 1, Timeout: 5}), "no flag timeout"},
		{verifiable(&Objref{Type: ObjectCounter, Object: "n"}), "counter n does not exist"},
		{verifiable(jumpTo("x")...), "chain x does not exist"},
		{verifiable(jumpTo("c")...), "chain c is a base chain"},
		{verifiable(&Immediate{Verdict: 77}), "verdict(77) can't be given"},
		{verifiable(&Limit{}), "both must be above 0"},
		{verifiable(&Numgen{DReg: 1}), "numgen modulo 0"},
		{verifiable(&CT{Key: CTSrc, Dir: DirNone, DReg: 1}), "ct src needs a direction"},
		{verifiable(&CT{Key: CTState, Dir: 0, DReg: 1}), "ct state has no direction"},
		{verifiable(imm, &MetaSet{Key: MetaLen, SReg: 1}), "meta len can't be set"},
		{verifiable(&Fib{Result: FibResultOif, Flags: FibSaddr | FibDaddr, DReg: 1}), "either saddr or daddr"},
		{verifiable(nil), "expression 1 is missing"},
		{verifiable(&Masq{}), "masq is not supported in chains of type filter at hook prerouting"},
		{atHook(verifiable(&Masq{}), nf.ChainTypeNAT, nf.HookPostrouting), ""},
		{atHook(verifiable(&Redir{}), nf.ChainTypeNAT, nf.HookPostrouting), "redir is not supported"},
		{atHook(verifiable(&Reject{}), 0, nf.HookPostrouting), "reject is not supported"},
		{atHook(verifiable(&Rt{Key: RtTCPMSS, DReg: 1}), 0, nf.HookForward), ""},
		{verifiable(&Rt{Key: RtTCPMSS, DReg: 1}), "rt is not supported"},
		{atHook(verifiable(), nf.ChainTypeNAT, nf.HookForward), "chain type nat is not supported"},
		{atHook(verifiable(), nf.ChainTypeRoute, nf.HookInput), "chain type route is not supported"},
		{atHook(verifiable(), 0, nf.HookEgress), "family inet has no hook egress"},
	} {
		err := Verify(c.p)
		switch {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	err := Verify(verifiable(&Masq{}))
	if want := "x.nft:2:3-9: table inet t, chain c, rule 1: masq"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
}

// linked is a base chain and n chains, each of which the one before jumps to,
// times times over.
func linked(n, times int) *Program {
	p := verifiable()
	t := p.Tables[0]
	for i := range n {
		name := fmt.Sprint("c", i+1)
		from := t.Chains[len(t.Chains)-1]
		for range times {
			from.Rules = append(from.Rules, &Rule{Exprs: jumpTo(name)})
		}
		t.Chains = append(t.Chains, &Chain{Name: name})
	}
	return p
}

func TestVerifyDepth(t *testing.T) {
	if err := Verify(linked(15, 1)); err != nil {
		t.Errorf("15 levels: %v", err)
	}
	if err := Verify(linked(16, 1)); err == nil || !strings.Contains(err.Error(), "nested more than 16 deep") {
		t.Errorf("16 levels: %v", err)
	}
	if err := Verify(linked(15, 40)); err == nil || !strings.Contains(err.Error(), "more than 67108864 rules") {
		t.Errorf("40 ways at each level: %v", err)
	}
	loop := linked(2, 1)
	loop.Tables[0].Chains[2].Rules = []*Rule{{Exprs: jumpTo("c1")}}
	if Verify(loop) == nil {
		t.Error("a loop is accepted")
	}
	loop.Tables[0].Chains[0].Base = nil
	if err := Verify(loop); err != nil {
		t.Errorf("a loop that no base chain reaches: %v", err)
	}
	vmap := verifiable(&Immediate{DReg: 1, Data: make([]byte, 4)}, &Lookup{Set: "v", SetID: 2, SReg: 1, HasDReg: true})
	vmap.Tables[0].Sets[2].Elements = []Element{{Key: make([]byte, 4), Verdict: nf.Goto, Chain: "a"}}
	vmap.Tables[0].Chains = append(vmap.Tables[0].Chains, &Chain{Name: "a", Rules: []*Rule{{Exprs: []Expr{&Masq{}}}}})
	if err := Verify(vmap); err == nil || !strings.Contains(err.Error(), "chain a, rule 1: masq") {
		t.Errorf("statement reached through a verdict map: %v", err)
	}
}

func TestVerifySets(t *testing.T) {
	for _, c := range []struct {
		s    Set
		want string
	}{
		{Set{KeyLen: 4, Elements: []Element{{Key: make([]byte, 4)}}}, ""},
		{Set{}, "key of 0 bytes"},
		{Set{KeyLen: 65}, "key of 65 bytes"},
		{Set{KeyLen: 4, Elements: []Element{{Key: make([]byte, 3)}}}, "key of 3 bytes where 4"},
		{Set{KeyLen: 4, Elements: []Element{{Key: make([]byte, 4), IntervalEnd: true}}}, "without flag interval"},
		{Set{KeyLen: 8, FieldLens: []uint32{4, 8}}, "fields of 12 bytes"},
		{Set{KeyLen: 4, Flags: SetMap, DataLen: 2, Elements: []Element{{Key: make([]byte, 4), Data: []byte{1}}}}, "data of 1 bytes"},
		{Set{KeyLen: 4, Flags: SetObject, ObjectType: ObjectCounter, Elements: []Element{{Key: make([]byte, 4), Object: "n"}}}, "counter n does not exist"},
		{Set{KeyLen: 1, Size: 1, Elements: []Element{{Key: []byte{1}}, {Key: []byte{2}}}}, "2 elements in a set of size 1"},
		{Set{KeyLen: 1, Elements: []Element{{Key: []byte{1}, Timeout: 5}}}, "without flag timeout"},
		{Set{KeyLen: 1, Exprs: []Expr{&Log{}}}, "log can't be part"},
	} {
		p := verifiable()
		p.Tables[0].Sets = []*Set{&c.s}
		err := Verify(p)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// FuzzDecode gives any bytes behind a correct header to Decode and Verify; what
// is decoded can be encoded and decoded again.
func FuzzDecode(f *testing.F) {
	for _, p := range []*Program{everything(), linked(3, 2), verifiable(&Limit{Rate: 1, Unit: 1})} {
		data, err := Encode(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[headerSize:])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := Decode(sealed(body))
		if err != nil {
			return
		}
		again, err := Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		if q, err := Decode(again); err != nil {
			t.Fatal(err)
		} else {
			_ = Verify(q)
		}
	})
}
