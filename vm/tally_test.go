package vm

import (
	"testing"

	"nfvm/bytecode"
)

func TestTallies(t *testing.T) {
	w := newWorld()
	p := program([]bytecode.Expr{&bytecode.Counter{Packets: 1, Bytes: 2}, &bytecode.Counter{}}, []bytecode.Expr{&bytecode.Last{}})
	p.Tables[0].Objects = []*bytecode.Object{
		{Type: bytecode.ObjectCounter, Name: "n", Counter: &bytecode.Counter{Packets: 5, Bytes: 6}},
		{Type: bytecode.ObjectQuota, Name: "q", Quota: &bytecode.Quota{Bytes: 100, Used: 7}},
	}
	r := mustLoad(t, p, Options{Now: w.now})
	NewMachine(w).Run(r.tables[0].chains[0], parsed(ipv4(17, make([]byte, 8))), 0)
	if list := r.Tallies(false); len(list) != 2 || list[0].Rule != nil || list[1].Object.Name != "q" {
		t.Fatalf("objects alone: %v", list)
	}
	list := r.Tallies(true)
	if len(list) != 3 || list[2].Rule != p.Tables[0].Chains[0].Rules[0] || list[2].Object != nil {
		t.Fatalf("with rules: %v", list)
	}
	for i, want := range [][2]uint64{{5, 6}, {7, 100}, {1 + 1 + 1, 2 + 28 + 28}} {
		if a, b := list[i].Read(); a != want[0] || b != want[1] {
			t.Errorf("%d: %d %d, want %v", i, a, b, want)
		}
	}
}
