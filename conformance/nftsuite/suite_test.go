package nftsuite

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var (
	nftables = flag.String("nftables", "", "a source tree of nftables, or its tests/py alone")
	show     = flag.Int("show", 20, "how many differences to show")
)

// TestNftables compares with the tree in testdata, which has each kind of file,
// and with the tests of an nftables source tree if there is one.
func TestNftables(t *testing.T) {
	t.Run("own", own)
	theirs(t, *nftables, (*report).tree)
}

func own(t *testing.T) {
	r := newReport(t)
	r.totals(r.tree("testdata"))
	for _, kind := range []string{"verdict", "bytecode", "text", "reread", "json-in", "json-out", "dump", "dump-json", "dump-reread"} {
		if r.equal[kind] == 0 {
			t.Errorf("nothing was compared: %s", kind)
		}
	}
}

// tree compares with all files of a tree and gives their number.
func (r *report) tree(dir string) int {
	r.t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "tests")); err == nil {
		dir = filepath.Join(dir, "tests", "py")
	}
	rules := r.glob(filepath.Join(dir, "*", "*.t"))
	if len(rules) == 0 {
		r.t.Fatalf("there are no files %s/*/*.t", dir)
	}
	for _, f := range rules {
		r.ruleFile(f)
	}
	dumps := r.glob(filepath.Join(dir, "..", "shell", "testcases", "*", "dumps", "*.nft"))
	for _, f := range dumps {
		r.dump(f)
	}
	return len(rules) + len(dumps)
}

func (r *report) glob(pattern string) []string {
	files, err := filepath.Glob(pattern)
	if err != nil {
		r.t.Error(err)
	}
	return files
}
