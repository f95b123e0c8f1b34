package conformance_test

import (
	"strings"
	"testing"
	"time"

	"nfvm/compiler"
	"nfvm/compiler/merge"
	"nfvm/conformance"
	"nfvm/conformance/engine"
	"nfvm/lang"
)

// Random rulesets whose rules are merged, as nftc -o does it, do the same with
// every packet and connection. Counters and traces are of fewer rules.
func TestMerged(t *testing.T) {
	n := firstSeed(6_000_000)
	var merged, compared, refused int
	for end := time.Now().Add(*duration); time.Now().Before(end); n++ {
		s, want := plainly(t, n)
		if s == nil {
			continue
		}
		rules := 0
		got, err := engine.RunWith(scenarioCase(t, s), engine.Options{Seed: n, Everything: true, Rewrite: func(f *lang.File) {
			for _, m := range merge.Rules(f, compiler.Options{}) {
				rules += len(m.Rules)
			}
		}})
		if err != nil {
			if rules == 0 || !strings.Contains(err.Error(), "conflicting intervals") {
				t.Errorf("seed %d: %v", n, err)
			}
			refused++ // nftc compiles such a ruleset as it is
			continue
		}
		merged, compared = merged+rules, compared+1
		only := func(o *conformance.Outcome) *conformance.Outcome {
			return &conformance.Outcome{Packets: o.Packets, Conntrack: o.Conntrack, Events: o.Events}
		}
		if diffs := different(only(want), only(got)); len(diffs) > 0 {
			t.Errorf("seed %d:\n%s\n%s", n, strings.Join(diffs, "\n"), s.Rules())
		}
	}
	t.Logf("%d rulesets, %d rules merged, %d rulesets that no set can hold", compared, merged, refused)
	if compared == 0 || compared > 20 && merged == 0 {
		t.Error("nothing was merged")
	}
}
