package vm

import (
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
)

// A connection is taken over once, when it is confirmed and nothing forbids it.
func TestFlowAdd(t *testing.T) {
	w := newWorld()
	prog := program([]bytecode.Expr{&bytecode.FlowOffload{Table: "f"}, drop})
	prog.Tables[0].Flowtables = []*bytecode.Flowtable{{Name: "f", Hook: nf.HookIngress}}
	prog.Tables[0].Chains[0].Base.Hook = nf.HookForward
	r := mustLoad(t, prog, Options{})
	m := NewMachine(w)
	taken := func(pkt []byte, confirm bool) bool {
		t.Helper()
		p := parsed(pkt)
		if v := w.ct.Track(p, nf.FamilyIPv4, nf.HookPrerouting, w.now); v != nf.Accept {
			t.Fatalf("track: %v", v)
		}
		got := m.Run(r.tables[0].chains[0], p, nf.HookForward) == nf.Drop
		if confirm {
			w.ct.Confirm(p, w.now)
		}
		return got
	}
	flow := ipv4(nf.ProtoUDP, udp(100, 53, 0))
	if taken(flow, true) {
		t.Error("taken before it is confirmed")
	}
	if !taken(flow, true) {
		t.Error("not taken")
	}
	if taken(flow, true) {
		t.Error("taken twice")
	}
	for name, pkt := range map[string][]byte{
		"a TCP connection that is not established": ipv4(nf.ProtoTCP, tcp(1000, 80)),
		"an echo request":                          ipv4(nf.ProtoICMP, []byte{8, 0, 0, 0, 0, 1, 0, 1}),
	} {
		for range 2 {
			if taken(pkt, true) {
				t.Errorf("%s is taken", name)
			}
		}
	}
}
