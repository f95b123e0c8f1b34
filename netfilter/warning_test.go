package netfilter

import (
	"fmt"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/host"
	"nfvm/nf"
)

func warningsOf(t *testing.T, sysctls string, p *bytecode.Program) []string {
	t.Helper()
	h, err := host.Load([]byte(`{"sysctl": {` + sysctls + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Load(p); err != nil {
		t.Fatal(err)
	}
	return e.Warnings()
}

// Settings that do nothing are named, those of the model and those that only
// tell of the machine are not.
func TestSysctlWarnings(t *testing.T) {
	none := &bytecode.Program{}
	for _, test := range []struct{ sysctls, want string }{
		{`"net.netfilter.nf_conntrack_max": "9", "net.netfilter.nf_conntrack_count": "3", "net.ipv4.ip_forward": "1"`, ""},
		{`"net.netfilter.nf_conntrack_log_invalid": "0"`, ""},
		{`"net.netfilter.nf_conntrack_log_invalid": "255"`, "net.netfilter.nf_conntrack_log_invalid: invalid packets are not logged"},
		{`"net.netfilter.nf_conntrack_helper": "1", "net.netfilter.nf_conntrack_dccp_loose": "1"`,
			"without effect here: nf_conntrack_dccp_loose, nf_conntrack_helper"},
	} {
		got := strings.Join(warningsOf(t, test.sysctls, none), "\n")
		if !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", test.sysctls, got, test.want)
		}
	}
}

// A helper that rules assign and that does nothing is named with its place, one that none assigns is
// not.
func TestHelperWarnings(t *testing.T) {
	object := &bytecode.Object{Type: bytecode.ObjectCTHelper, Name: "h", Pos: bytecode.Pos{Line: 3},
		CTHelper: &bytecode.CTHelperObject{Helper: "tns", L4Proto: nf.ProtoUDP}}
	for _, refers := range []bool{false, true} {
		chain := &bytecode.Chain{Name: "c", Base: &bytecode.BaseChain{Hook: nf.HookForward, Policy: nf.Accept}}
		if refers {
			chain.Rules = []*bytecode.Rule{{Exprs: []bytecode.Expr{&bytecode.Objref{Type: bytecode.ObjectCTHelper, Object: "h"}}}}
		}
		got := warningsOf(t, "", &bytecode.Program{Files: []string{"r.nft"}, Tables: []*bytecode.Table{
			{Family: nf.FamilyIPv4, Name: "t", Objects: []*bytecode.Object{object}, Chains: []*bytecode.Chain{chain}},
		}})
		want := "[]"
		if refers {
			want = "[r.nft:3: ct helper h: the helper tns does not run"
		}
		if !strings.HasPrefix(fmt.Sprint(got), want) {
			t.Errorf("referred to %v: %q, want %s", refers, got, want)
		}
	}
}

// Rules that ask for operating systems without fingerprints, and contexts that
// nobody acts on, are named.
func TestWarningsOfRules(t *testing.T) {
	rules := func(x bytecode.Expr) []*bytecode.Chain {
		return []*bytecode.Chain{{Name: "c", Base: &bytecode.BaseChain{Hook: nf.HookForward, Policy: nf.Accept},
			Rules: []*bytecode.Rule{{Pos: bytecode.Pos{Line: 7}, Exprs: []bytecode.Expr{x}}}}}
	}
	label := &bytecode.Object{Type: bytecode.ObjectSecmark, Name: "s", Secmark: "a:b:c", Pos: bytecode.Pos{Line: 2}}
	for _, c := range []struct {
		table bytecode.Table
		want  string
	}{
		{bytecode.Table{Chains: rules(&bytecode.OSF{DReg: 1})}, "[r.nft:7: osf: there are no fingerprints"},
		{bytecode.Table{Objects: []*bytecode.Object{label}, Chains: rules(&bytecode.Objref{Type: bytecode.ObjectSecmark, Object: "s"})},
			"[r.nft:2: secmark s: rules and connections carry the context a:b:c as a number"},
		{bytecode.Table{Objects: []*bytecode.Object{label}}, "[]"},
	} {
		c.table.Family, c.table.Name = nf.FamilyIPv4, "t"
		got := fmt.Sprint(warningsOf(t, "", &bytecode.Program{Files: []string{"r.nft"}, Tables: []*bytecode.Table{&c.table}}))
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
