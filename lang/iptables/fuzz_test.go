package iptables

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/vm"
)

// FuzzParse reads any text: it must not panic, and what is read without a
// mistake must compile, and load if the machine has all that it asks for.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range txtar.Parse(data).Files {
			f.Add(part.Data)
		}
	}
	f.Add([]byte(savedSets))
	f.Fuzz(func(t *testing.T, src []byte) {
		sources := diag.NewSources()
		sets, _ := ParseSets("fuzz", src, sources)
		for _, family := range families {
			file, diags := Parse("fuzz", src, Options{Family: family, Sets: sets})
			_ = diags.String()
			if diags.HasErrors() {
				continue
			}
			res, more := compiler.Compile([]*lang.File{file}, compiler.Options{})
			if !more.HasErrors() {
				_, _ = vm.Load(res.Program, vm.Options{})
			}
		}
	})
}
