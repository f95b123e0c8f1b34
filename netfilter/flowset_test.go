package netfilter

import (
	"testing"

	"nfvm/bytecode"
)

// TestFlowsCheckedInSteps: flows are looked over a few at a time where a packet waits,
// each once a round, while others come and go.
func TestFlowsCheckedInSteps(t *testing.T) {
	b := newBench(t, natProgram())
	ft := &flowtable{&bytecode.Flowtable{}, &flowSet{byKey: map[FlowKey]flowEnd{}}}
	b.e.rules.flowtables = map[flowName]*flowtable{{name: "f"}: ft}
	flows := make([]*flow, 12) // their connections are gone
	for i := range flows {
		flows[i] = &flow{keys: [2]FlowKey{{SrcPort: uint16(i)}, {DstPort: uint16(i), In: 1}}}
	}
	for _, f := range flows[:10] {
		ft.add(f)
	}
	b.e.ct.SweepStep = 4
	b.e.Advance(5e9)
	if n := len(ft.byKey); n != 2*6 {
		t.Errorf("%d ends are left after a step, want 12", n)
	}
	ft.add(flows[10])
	ft.add(flows[11])
	ft.remove(flows[5]) // which is the next
	for step, want := range []struct {
		left int
		more bool
	}{{3, true}, {2, false}, {2, false}} {
		if more := b.e.Sweep(); more != want.more || len(ft.byKey) != 2*want.left {
			t.Errorf("step %d: %d ends are left, more %v, want %d, %v", step, len(ft.byKey), more, 2*want.left, want.more)
		}
	}
	b.e.Advance(6e9)
	if ft.newest != nil || len(ft.byKey) != 0 {
		t.Errorf("the next round leaves %d ends", len(ft.byKey))
	}
}

// TestFlowReplaced: what ends late takes nothing from a later connection of the same
// ports.
func TestFlowReplaced(t *testing.T) {
	s := &flowSet{byKey: map[FlowKey]flowEnd{}}
	k := [2]FlowKey{{SrcPort: 1}, {DstPort: 1}}
	early, late := &flow{ct: 1, keys: k}, &flow{ct: 2, keys: k}
	s.add(early)
	s.add(late)
	s.remove(early)
	if len(s.byKey) != 2 || s.newest != late || late.older != nil {
		t.Errorf("%d ends are left", len(s.byKey))
	}
	s.remove(late)
	if len(s.byKey) != 0 || s.newest != nil {
		t.Errorf("%d ends are left of none", len(s.byKey))
	}
}
