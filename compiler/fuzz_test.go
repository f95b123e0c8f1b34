package compiler_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"nfvm/bytecode"
)

// FuzzCompile checks that no text makes the compiler panic, and that what it
// accepts can be written, read back and verified.
func FuzzCompile(f *testing.F) {
	files, _ := filepath.Glob("testdata/golden/*.txtar")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(txtar.Parse(data).Files[0].Data))
	}
	for _, seed := range mistakes {
		f.Add(seed.src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<14 {
			return
		}
		res, errs := compile("fuzz.nft", src)
		if errs != "" {
			return
		}
		_ = res.Listing()
		data, err := bytecode.Encode(res.Program)
		if err != nil {
			t.Fatalf("the compiled program can't be written: %v\n%s", err, src)
		}
		if _, err := bytecode.Decode(data); err != nil {
			t.Errorf("the compiled program is refused: %v\n%s", err, src)
		}
	})
}
