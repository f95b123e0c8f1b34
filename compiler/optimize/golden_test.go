package optimize_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/compiler/optimize"
	"nfvm/lang"
)

var update = flag.Bool("update", false, "write the goldens anew")

// compile compiles a ruleset without optimisation, or with.
func compile(t testing.TB, src string, level int) *compiler.Result {
	t.Helper()
	f, list := lang.Parse("rules.nft", []byte(src), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{Level: level})
	list.Append(more)
	if list.HasErrors() {
		t.Fatal(list.String())
	}
	return res
}

// Each pass has a golden of its name: rules, their listing, and what the
// optimiser adds to it.
func TestGolden(t *testing.T) {
	for _, p := range optimize.Passes {
		if _, err := os.Stat("testdata/" + p.Name + ".txtar"); err != nil {
			t.Error(err)
		}
	}
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			src := string(a.Files[0].Data)
			got := map[string]string{"before": bytecode.Dump(compile(t, src, 0).Program), "after": bytecode.Dump(compile(t, src, 1).Program)}
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: "before", Data: []byte(got["before"])}, txtar.File{Name: "after", Data: []byte(got["after"])})
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if len(a.Files) != 3 || got["before"] == got["after"] {
				t.Fatal("the golden shows no optimisation")
			}
			for _, f := range a.Files[1:] {
				if got[f.Name] != string(f.Data) {
					t.Errorf("%s: got\n%s", f.Name, got[f.Name])
				}
			}
		})
	}
}

// What nft --debug=netlink prints is the same at both levels, and without its
// annotations so is the program.
func TestRulesStay(t *testing.T) {
	src := "table inet t {\n chain c {\n" + strings.Repeat("tcp dport 22 tcp dport 1-100 counter\nip saddr 10.0.0.1 drop\n", 20) + "}\n}\n"
	plain, optimized := compile(t, src, 0), compile(t, src, 1)
	if plain.Listing() != optimized.Listing() {
		t.Error("the listing differs")
	}
	p := optimized.Program
	if len(p.Tables[0].Chains[0].Dispatch) != 1 || len(p.Tables[0].Chains[0].Rules[0].Skip) == 0 {
		t.Fatal("nothing is optimised")
	}
	for _, c := range p.Tables[0].Chains {
		c.Dispatch = nil
		for _, r := range c.Rules {
			r.Skip = nil
		}
	}
	a, errA := bytecode.Encode(plain.Program)
	b, errB := bytecode.Encode(p)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("the programs differ: %v %v", errA, errB)
	}
}

// The README names every pass, and says of it what the table says.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range optimize.Passes {
		if line := "| " + p.Name + " | " + p.What + " |\n"; !strings.Contains(string(text), line) {
			t.Errorf("README.md lacks %q", line)
		}
	}
}
