package conformance_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"nfvm/conformance"
	"nfvm/conformance/kernel"
	"nfvm/internal/testenv"
)

// Saved rules do the same when iptables-nft loads them: packets, conntrack and
// counters are those of the golden, which iptables-legacy gave, but for what the
// case names and gives a reason for.
func TestKernelIptablesNft(t *testing.T) {
	needKernel(t)
	eachCase(t, func(t *testing.T, path string, c *conformance.Case) {
		if len(c.Saved) == 0 {
			return
		}
		for _, s := range c.Saved {
			testenv.Need(t, testenv.Program(conformance.OverNft.Program(s, "restore")))
		}
		got := overNft(c)
		if *update {
			if err := os.WriteFile(path, c.RecordDivergence(got), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		reasons, want := c.Divergence()
		for _, d := range conformance.Diff("", want, got) {
			t.Error(d)
		}
		if len(want) > 0 && len(reasons) == 0 {
			t.Error("the section iptables-nft gives no reason")
		}
	})
}

// overNft loads a case by iptables-nft and lists what is not as in the golden.
func overNft(c *conformance.Case) []string {
	c.Variant = conformance.OverNft
	out, err := kernel.Run(c)
	if err != nil {
		words := strings.Fields(err.Error())
		return []string{"refused: " + strings.Join(words, " ")}
	}
	diffs := conformance.Compare(c.Want, out)
	return slices.DeleteFunc(diffs, func(d string) bool { return strings.HasPrefix(d, "ruleset: ") })
}
