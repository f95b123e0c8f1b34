package conformance_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nfvm/conformance"
	"nfvm/conformance/kernel"
	"nfvm/internal/testenv"
)

var update = flag.Bool("update", false, "record the want sections of the cases from the kernel")

// needKernel is what a run against the live kernel takes.
func needKernel(t testing.TB) {
	t.Helper()
	testenv.Need(t, testenv.Root, testenv.Program("nft"), testenv.Program("ip"),
		testenv.Program("conntrack"), testenv.Device("/dev/net/tun"))
}

// eachCase runs f for every case file.
func eachCase(t *testing.T, f func(t *testing.T, path string, c *conformance.Case)) {
	paths, err := filepath.Glob("cases/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			c, err := conformance.ReadCase(path)
			if err != nil {
				t.Fatal(err)
			}
			f(t, path, c)
		})
	}
}

// Every case is a recorded one.
func TestCases(t *testing.T) {
	eachCase(t, func(t *testing.T, _ string, c *conformance.Case) {
		if c.Want == nil {
			t.Error("no want sections; record them with -update")
		}
		if strings.TrimSpace(c.Comment) == "" {
			t.Error("the case does not say what it shows")
		}
		if chance := c.Mask.Mistaken(); chance > 0.002 {
			t.Errorf("in %.1f %% of the runs a port drawn at random is taken for one of the case; let it draw from more, or say drawn", 100*chance)
		}
	})
}

// The kernel of this machine does what the goldens say; with -update, the
// goldens become what it does.
func TestKernel(t *testing.T) {
	needKernel(t)
	eachCase(t, func(t *testing.T, path string, c *conformance.Case) {
		for _, s := range c.Saved {
			testenv.Need(t, testenv.Program(conformance.Legacy.Program(s, "restore")))
		}
		got, err := kernel.Run(c)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if c.Want != nil && len(conformance.Compare(c.Want, got)) == 0 {
				return
			}
			if err := os.WriteFile(path, c.Record(got), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		if c.Want == nil {
			t.Fatal("never recorded")
		}
		for _, d := range conformance.Compare(c.Want, got) {
			t.Error(d)
		}
	})
}
