package merge_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"nfvm/compiler"
	"nfvm/compiler/merge"
	"nfvm/lang"
)

var update = flag.Bool("update", false, "write the goldens anew")

// Each golden has rules, the report about them, and the bytecode of what comes of
// them, which compiles.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no goldens", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			f, list := lang.Parse("rules.nft", a.Files[0].Data, lang.Options{})
			if list.HasErrors() {
				t.Fatal(list.String())
			}
			all := merge.Rules(f, compiler.Options{})
			var report strings.Builder
			if err := merge.Report(&report, &report, all, f.Sources); err != nil {
				t.Fatal(err)
			}
			res, list := compiler.Compile([]*lang.File{f}, compiler.Options{})
			if list.HasErrors() {
				t.Fatal(list.String())
			}
			got := []txtar.File{{Name: "report", Data: []byte(report.String())}, {Name: "listing", Data: []byte(res.Listing())}}
			if *update {
				a.Files = append(a.Files[:1], got...)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for i, g := range got {
				if len(a.Files) != 3 || string(a.Files[i+1].Data) != string(g.Data) {
					t.Errorf("%s: got\n%s", g.Name, g.Data)
				}
			}
		})
	}
}
