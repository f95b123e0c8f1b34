package iptables

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"nfvm/compiler"
	"nfvm/lang"
	"nfvm/nf"
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
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, family := range []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6} {
			file, diags := Parse("fuzz", src, Options{Family: family})
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
