package conformance_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"nfvm/conformance"
	"nfvm/conformance/engine"
	"nfvm/conformance/gen"
	"nfvm/conformance/kernel"
)

var (
	duration = flag.Duration("duration", 2*time.Second, "how long the differential test runs")
	seed     = flag.Uint64("seed", 0, "first seed of the tests that draw at random; 0: each has its own, the same every time")
	packets  = flag.Int("packets", 120, "packets per ruleset of the differential test")
	events   = flag.Bool("events", false, "compare the events of connection tracking, too")
	kind     = flag.String("kind", "", "draw only scenarios of this kind: packets, frames (of a bridge), helpers, iptables")
	tries    = flag.Int("tries", 400, "how many smaller scenarios to try for a divergence")
)

// firstSeed is the seed that a test begins with, unless one is given: another run does
// the same.
func firstSeed(own uint64) uint64 {
	if *seed != 0 {
		return *seed
	}
	return own
}

// errorLine is where nft says which line it did not like.
var errorLine = regexp.MustCompile(`/dev/stdin:(\d+):`)

// explore runs a new scenario through the kernel, making its packets on the
// way; rules that nft refuses are taken out first.
func explore(t *testing.T, n uint64) (*gen.Scenario, *conformance.Outcome) {
	s, traffic := gen.Draw(n, *packets, gen.Kind(*kind))
	amend := func(err error) *conformance.Case {
		at := errorLine.FindStringSubmatch(err.Error())
		if at == nil {
			return nil
		}
		if line, _ := strconv.Atoi(at[1]); !s.DropLine(line) {
			return nil
		}
		return caseOf(t, n, s)
	}
	c := caseOf(t, n, s)
	if c == nil {
		return nil, nil
	}
	out, err := kernel.ExploreAmended(c, amend, func(seen []string) (conformance.Step, bool) {
		text, ok := traffic.Next(seen)
		if !ok {
			return conformance.Step{}, false
		}
		s.Steps = append(s.Steps, text)
		step, err := conformance.ParseStep(text)
		if err != nil {
			t.Errorf("seed %d: %q: %v", n, text, err)
		}
		return step, err == nil
	})
	switch {
	case err == nil:
		return s, out
	case strings.Contains(err.Error(), "nft list ruleset"):
		return nil, nil // nft 1.0.6 fails to print some rules that it took
	case !s.Saved && !errorLine.MatchString(err.Error()):
		t.Fatalf("seed %d: %v", n, err)
	}
	t.Logf("seed %d: %v", n, err)
	return nil, nil
}

// caseOf makes a case of a scenario that was drawn.
func caseOf(t *testing.T, n uint64, s *gen.Scenario) *conformance.Case {
	c, err := conformance.ParseCase(fmt.Sprint("seed-", n), s.Archive())
	if err != nil {
		t.Error(err) // not Fatal: this is not always the test's own goroutine
		return nil
	}
	c.Mask.Know(0) // numbers that are not drawn though the case may not mention them
	c.Mask.Know(gen.Ports...)
	c.Mask.Know(gen.Datagrams...)
	c.Mask.Know(gen.Announced...)
	c.Events = *events
	return c
}

// Scenarios that the generator draws load and run, mostly.
func TestGenerator(t *testing.T) {
	needKernel(t)
	loaded := 0
	for n := range uint64(20) {
		if s, _ := explore(t, n); s != nil {
			loaded++
		}
	}
	if loaded < 15 {
		t.Errorf("only %d of 20 rulesets load", loaded)
	}
}

// divergence runs a scenario both ways and lists what differs; nil when the
// kernel does not load the rules, so that there is nothing to compare. nfvm's
// random choices are new ones each time, so that two ports which happen to be
// equal are no divergence that stays.
func divergence(s *gen.Scenario) []string {
	c, err := conformance.ParseCase("differential", s.Archive())
	if err != nil {
		return nil
	}
	c.Events = *events
	want, err := kernel.Run(c)
	if err != nil {
		return nil
	}
	got, err := engine.Run(c, rand.Uint64())
	if err != nil {
		return []string{"error: " + err.Error()}
	}
	return conformance.CompareState(want, got)
}

// kindOf is what shrinking must not lose: where the first difference is.
func kindOf(diffs []string) string {
	if len(diffs) == 0 {
		return ""
	}
	kind, _, _ := strings.Cut(diffs[0], ":")
	return kind
}

// Random rulesets and packets do the same in the kernel and in nfvm. A
// divergence is made small and written to differential/, from where it is to
// be moved to cases/ once understood.
func TestDifferential(t *testing.T) {
	needKernel(t)
	first := firstSeed(20_000_000)
	scenarios, steps := 0, 0
	for end, n := time.Now().Add(*duration), first; time.Now().Before(end); n++ {
		s, want := explore(t, n)
		if s == nil {
			continue
		}
		scenarios, steps = scenarios+1, steps+len(s.Steps)
		got, err := engine.Run(caseOf(t, n, s), n)
		if err == nil && len(conformance.CompareState(want, got)) == 0 {
			continue
		}
		diffs := divergence(s) // other opinions: chance and load may differ once or twice
		if len(diffs) == 0 || len(divergence(s)) == 0 {
			if err == nil {
				t.Logf("seed %d diverged once: %s", n, strings.Join(conformance.CompareState(want, got), "\n"))
			}
			continue
		}
		report(t, n, s, diffs)
	}
	t.Logf("%d rulesets, %d packets from seed %d: kernel and nfvm compared", scenarios, steps, first)
	if scenarios == 0 {
		t.Error("no ruleset was compared")
	}
}

// report shrinks a divergence and writes it as a case.
func report(t *testing.T, n uint64, s *gen.Scenario, diffs []string) {
	kind, before := kindOf(diffs), diffs
	small := gen.Shrink(s, *tries, func(c *gen.Scenario) bool { return kindOf(divergence(c)) == kind })
	if diffs = divergence(small); len(diffs) == 0 {
		t.Logf("seed %d diverged and not again: %s", n, strings.Join(before, "\n"))
		return
	}
	c, err := conformance.ParseCase("differential", small.Archive())
	if err != nil {
		t.Fatal(err)
	}
	c.Events = *events
	text := small.Archive()
	if want, err := kernel.Run(c); err == nil {
		text = c.Record(want)
	}
	path := filepath.Join("differential", fmt.Sprintf("seed-%d.txtar", n))
	if err := os.MkdirAll("differential", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Errorf("seed %d diverges, see %s:\n%s", n, path, strings.Join(diffs, "\n"))
}
