package netfilter

import (
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
)

// A ruleset that this path can't enforce is refused, and the old one stays.
func TestLoadRefusesOtherHooks(t *testing.T) {
	b := newBench(t, natProgram())
	for _, c := range []struct {
		family nf.Family
		hook   nf.Hook
	}{{nf.FamilyBridge, nf.HookForward}, {nf.FamilyARP, nf.HookInput}} {
		p := &bytecode.Program{Tables: []*bytecode.Table{{Family: c.family, Name: "t", Chains: []*bytecode.Chain{
			{Name: "c", Base: &bytecode.BaseChain{Hook: c.hook, Policy: nf.Accept, Devices: []string{"lan0"}}},
		}}}}
		err := b.e.Load(p)
		if err == nil || !strings.Contains(err.Error(), c.hook.String()+" hook of the "+c.family.String()+" family") {
			t.Errorf("%s %s: error %v", c.family, c.hook, err)
		}
	}
	want(t, b.send("wan0", udp("192.0.2.9", "10.0.1.2", 53, 1111, 60, 4)),
		"dropped wan0 192.0.2.9:53>10.0.1.2:1111 proto 17 ttl 59 ")
}
