package vm

import (
	"testing"

	"nfvm/nf"
)

// A load that is skipped because an earlier one left its value in the register
// finds it there: that one is not joined with its test, even if another load
// writes a part of the register in between.
func TestFuseKeepsWhatSkippedLoadsNeed(t *testing.T) {
	src := baseOf([]string{
		"@nh,96,64 0x0a0000010a000002 ip saddr 10.0.0.0/8 ip protocol udp ip saddr . ip daddr { 10.0.0.1 . 10.0.0.2, 10.0.0.1 . 10.0.0.3 } counter",
	}, "")
	for level := range 2 {
		p := compiled(t, src, level)
		if skip := p.Tables[0].Chains[0].Rules[0].Skip; level == 1 && len(skip) == 0 {
			t.Fatal("the rule skips nothing")
		}
		r := mustLoad(t, p, Options{})
		data := ipv4(nf.ProtoUDP, udp(1, 2, 0))
		copy(data[12:20], []byte{10, 0, 0, 1, 10, 0, 0, 2})
		NewMachine(newWorld()).Run(r.tables[0].chains[0], parsed(data), nf.HookPrerouting)
		if got := counts(r); got != "1" {
			t.Errorf("level %d: the rule counted %s packets, want 1", level, got)
		}
	}
}
