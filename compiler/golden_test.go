package compiler_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"nfvm/compiler"
	"nfvm/internal/nft"
	"nfvm/lang"
)

var update = flag.Bool("update", false, "record the listings from the local nft")

// compile compiles a text; the only interface is lo.
func compile(name, src string) (*compiler.Result, string) {
	f, list := lang.Parse(name, []byte(src), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{
		Iface: func(n string) (uint32, bool) { return 1, n == "lo" },
		User:  func(n string) (uint32, bool) { return 0, n == "root" },
		Group: func(n string) (uint32, bool) { return 0, n == "root" },
	})
	list.Append(more)
	list.Sort()
	if list.HasErrors() {
		return nil, list.String()
	}
	return res, ""
}

// TestGolden compares the listings of rulesets with those that nft printed.
func TestGolden(t *testing.T) {
	eachFile(t, "testdata/golden/*.txtar", func(t *testing.T, file string) { golden(t, file, *update) })
}

// TestNewer does the same with rulesets that nft 1.0.6 refuses or lists in
// another way: their listings are in the form of nft 1.1.4, see
// docs/nft-versions.md, and are not recorded by the nft at hand.
func TestNewer(t *testing.T) {
	eachFile(t, "testdata/newer/*.txtar", func(t *testing.T, file string) { golden(t, file, false) })
}

func eachFile(t *testing.T, pattern string, f func(t *testing.T, file string)) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { f(t, file) })
	}
}

func golden(t *testing.T, file string, update bool) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src := string(ar.Files[0].Data)
	if update {
		ar.Files = append(ar.Files[:1], txtar.File{Name: "listing", Data: []byte(record(t, src))})
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	res, errs := compile("rules.nft", src)
	if errs != "" {
		t.Fatal(errs)
	}
	got, want := nft.Normal(res.Listing()), string(ar.Files[1].Data)
	if got != want {
		t.Errorf("the listing differs\n%s", firstDifference(want, got))
	}
}

// record asks nft for the listing.
func record(t *testing.T, src string) string {
	nft.Need(t)
	listing, refused := nft.Check(t, src)
	if refused != "" {
		t.Fatalf("nft: %s", refused)
	}
	return listing
}

// firstDifference shows the first lines that differ, with some before them.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	cut := func(s []string) string { return strings.Join(s[max(0, min(i, len(s))-4):min(i+6, len(s))], "\n") }
	return "want\n" + cut(w) + "\ngot\n" + cut(g)
}
