package conformance_test

import (
	"flag"
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"nfvm/conformance"
	"nfvm/conformance/gen"
	"nfvm/conformance/kernel"
)

var (
	duration = flag.Duration("duration", 2*time.Second, "how long the differential test runs")
	seed     = flag.Uint64("seed", 0, "first seed of the differential test; 0 takes one from the clock")
	packets  = flag.Int("packets", 120, "packets per ruleset of the differential test")
)

// errorLine is where nft says which line it did not like.
var errorLine = regexp.MustCompile(`/dev/stdin:(\d+):`)

// explore runs a new scenario through the kernel, making its packets on the
// way; rules that nft refuses are taken out first.
func explore(t *testing.T, n uint64) (*gen.Scenario, *conformance.Outcome) {
	s := gen.New(n)
	for range 20 {
		c, err := conformance.ParseCase(fmt.Sprint("seed-", n), s.Archive())
		if err != nil {
			t.Fatal(err)
		}
		c.Mask.Know(gen.Ports...)
		s.Steps = nil
		traffic := gen.NewTraffic(n, *packets)
		out, err := kernel.Explore(c, func(seen []string) (conformance.Step, bool) {
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
		at := errorLine.FindStringSubmatch(err.Error())
		if at == nil {
			t.Fatalf("seed %d: %v", n, err)
		}
		if line, _ := strconv.Atoi(at[1]); !s.DropLine(line) {
			t.Logf("seed %d: %v", n, err)
			return nil, nil
		}
	}
	return nil, nil
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
