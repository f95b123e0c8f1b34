package conformance_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/conformance"
	"nfvm/conformance/engine"
	"nfvm/conformance/gen"
	"nfvm/lang"
)

// ruleLine is where the compiler says which line it does not like.
var ruleLine = regexp.MustCompile(`(?m)^rules\.nft:(\d+):`)

// plainly runs a new scenario without optimisation, making its packets on the
// way, and gives what it did; rules that do not compile are taken out first. nil
// if none are left.
func plainly(t *testing.T, n uint64) (*gen.Scenario, *conformance.Outcome) {
	s := gen.NewLong(n)
	for range 20 {
		c := scenarioCase(t, s)
		s.Steps = nil
		traffic := gen.NewTraffic(n, *packets)
		out, err := engine.Explore(c, engine.Options{Seed: n, Everything: true}, func(seen []string) (conformance.Step, bool) {
			text, ok := traffic.Next(seen)
			if !ok {
				return conformance.Step{}, false
			}
			s.Steps = append(s.Steps, text)
			step, err := conformance.ParseStep(text)
			if err != nil {
				t.Fatalf("seed %d: %q: %v", n, text, err)
			}
			return step, true
		})
		if err == nil {
			return s, out
		}
		if !dropLines(s, err) {
			t.Logf("seed %d: %v", n, err)
			return nil, nil
		}
	}
	return nil, nil
}

// dropLines takes out of a scenario all that an error of the compiler is about.
func dropLines(s *gen.Scenario, err error) bool {
	var lines []int
	for _, at := range ruleLine.FindAllStringSubmatch(err.Error(), -1) {
		n, _ := strconv.Atoi(at[1])
		lines = append(lines, n)
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	dropped := false
	for _, n := range slices.Backward(lines) {
		dropped = s.DropLine(n) || dropped
	}
	return dropped
}

func scenarioCase(t *testing.T, s *gen.Scenario) *conformance.Case {
	t.Helper()
	c, err := conformance.ParseCase("optimizer", s.Archive())
	if err != nil {
		t.Fatal(err)
	}
	c.Mask.Know(gen.Ports...)
	c.Mask.Know(gen.Datagrams...)
	c.Events = true
	return c
}

// divergences lists what a scenario does otherwise at level 1 than at level 0.
func divergences(t *testing.T, s *gen.Scenario, seed uint64) []string {
	c := scenarioCase(t, s)
	want, err := engine.RunWith(c, engine.Options{Seed: seed, Everything: true})
	if err != nil {
		return nil // the rules of a smaller scenario may not compile
	}
	return optimized(c, seed, want)
}

// optimized lists what a case does otherwise at level 1, and where every chain
// has an index: nothing may differ, to the byte and to the order.
func optimized(c *conformance.Case, seed uint64, want *conformance.Outcome) []string {
	for _, annotate := range []func(*bytecode.Program){nil, indexAll(int(seed % 16))} {
		got, err := engine.RunWith(c, engine.Options{Seed: seed, Level: 1, Everything: true, Annotate: annotate})
		if err != nil {
			return []string{"error: " + err.Error()}
		}
		if diffs := different(want, got); len(diffs) > 0 {
			return diffs
		}
	}
	return nil
}

// different lists the parts of two outcomes that differ.
func different(want, got *conformance.Outcome) (diffs []string) {
	for _, part := range []struct {
		name      string
		want, got []string
	}{
		{"packets", want.Packets, got.Packets}, {"conntrack", want.Conntrack, got.Conntrack}, {"events", want.Events, got.Events},
		{"counters", want.Counters, got.Counters}, {"trace", want.Trace, got.Trace},
		{"ruleset", strings.Split(want.Ruleset, "\n"), strings.Split(got.Ruleset, "\n")},
	} {
		for i := range max(len(part.want), len(part.got)) {
			if i >= len(part.want) || i >= len(part.got) || part.want[i] != part.got[i] {
				diffs = append(diffs, fmt.Sprintf("%s: line %d\n\t- %s\n\t+ %s", part.name, i+1, at(part.want, i), at(part.got, i)))
				break
			}
		}
	}
	return diffs
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// annotations counts the runs of rules with an index, the rules in them, and
// the expressions that are skipped.
func annotations(rules string) (runs, rulesIn, skips int, err error) {
	f, list := lang.Parse("rules.nft", []byte(rules), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{Level: 1, Iface: func(string) (uint32, bool) { return 1, true }})
	list.Append(more)
	if list.HasErrors() {
		return 0, 0, 0, errors.New(list.String())
	}
	for _, t := range res.Program.Tables {
		for _, c := range t.Chains {
			for _, d := range c.Dispatch {
				runs, rulesIn = runs+1, rulesIn+int(d.Count)
			}
			for _, r := range c.Rules {
				skips += len(r.Skip)
			}
		}
	}
	return runs, rulesIn, skips, nil
}

// Random rulesets with long runs of rules do the same with optimisation and
// without: packets, connections and their events, counters, log lines, and the
// trace of every packet. A divergence is made small and written to optimizer/.
func TestOptimizer(t *testing.T) {
	first := firstSeed(3_000_000)
	var scenarios, steps, runs, in, skips int
	for end, n := time.Now().Add(*duration), first; time.Now().Before(end); n++ {
		s, want := plainly(t, n)
		if s == nil {
			continue
		}
		// numbers may have other names now that the packets are known
		if len(optimized(scenarioCase(t, s), n, want)) > 0 {
			if diffs := divergences(t, s, n); len(diffs) > 0 {
				reportOptimized(t, n, s, diffs)
			}
		}
		r, i, k, err := annotations(s.Rules())
		if err != nil {
			t.Fatal(err)
		}
		scenarios, steps, runs, in, skips = scenarios+1, steps+len(s.Steps), runs+r, in+i, skips+k
	}
	t.Logf("%d rulesets, %d packets from seed %d: %d rules in %d runs, %d expressions skipped", scenarios, steps, first, in, runs, skips)
	if scenarios == 0 {
		t.Error("no ruleset was compared")
	}
	if scenarios > 20 && (runs < scenarios/2 || skips == 0) {
		t.Error("the rulesets give the optimiser too little to do")
	}
}

func reportOptimized(t *testing.T, n uint64, s *gen.Scenario, diffs []string) {
	kind := kindOf(diffs)
	small := gen.Shrink(s, *tries, func(s *gen.Scenario) bool { return kindOf(divergences(t, s, n)) == kind })
	path := filepath.Join("optimizer", fmt.Sprintf("seed-%d.txtar", n))
	if err := os.MkdirAll("optimizer", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, small.Archive(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Errorf("seed %d diverges, see %s:\n%s", n, path, strings.Join(diffs, "\n"))
}

// The recorded cases do the same at both levels.
func TestOptimizerCases(t *testing.T) {
	eachCase(t, func(t *testing.T, _ string, c *conformance.Case) {
		want, err := engine.RunWith(c, engine.Options{Seed: 1, Everything: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range optimized(c, 1, want) {
			t.Error(d)
		}
	})
}
