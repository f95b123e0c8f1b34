package conformance_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"nfvm/compiler"
	"nfvm/conformance/gen"
	"nfvm/internal/nft"
	"nfvm/lang"
)

// checkedLine is where nft says which line it did not like.
var checkedLine = regexp.MustCompile(`rules\.nft:(\d+):`)

// TestListingLive compiles random rulesets and compares their listing with that
// of the nft at hand, both in the form of nft 1.1 (docs/nft-versions.md).
// Lines that nft refuses are taken out; what it takes must compile.
func TestListingLive(t *testing.T) {
	nft.Need(t)
	first := firstSeed(7_000_000)
	rules := 0
	for n := first; n < first+40; n++ {
		s := gen.New(n)
		want := ""
		for want == "" {
			listing, refused := nft.Load(t, s.Rules())
			if refused != "" {
				at := checkedLine.FindStringSubmatch(refused)
				if at == nil {
					t.Fatalf("seed %d: %s", n, refused)
				}
				if line, _ := strconv.Atoi(at[1]); !s.DropLine(line) {
					break // of what the whole ruleset does, such as a loop
				}
				continue
			}
			want = listing
		}
		if want == "" {
			continue
		}
		got, problem := listed(s.Rules())
		if problem != "" {
			t.Fatalf("seed %d: nft takes what we refuse: %s", n, problem)
		}
		if got = nft.Normal(got); got != want {
			t.Errorf("seed %d: %s", n, firstLine(want, got))
		}
		rules += strings.Count(want, "\n")
	}
	if rules < 1000 {
		t.Errorf("only %d lines were compared", rules)
	}
}

// listed compiles a ruleset for a host with the devices lo, ta and tb.
func listed(src string) (listing, problem string) {
	f, list := lang.Parse("rules.nft", []byte(src), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{
		Iface: func(name string) (uint32, bool) { return 1, name == "lo" },
	})
	list.Append(more)
	if list.HasErrors() {
		return "", list.String()
	}
	return res.Listing(), ""
}

// firstLine shows where two listings part.
func firstLine(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return "want " + strings.Join(w[max(0, i-3):min(len(w), i+3)], "; ") +
				"\ngot " + strings.Join(g[max(0, min(i, len(g))-3):min(len(g), i+3)], "; ")
		}
	}
	return "got more lines"
}
