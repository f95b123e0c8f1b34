package lang

import (
	"io/fs"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestFormat compares texts with their layout, which is its own layout.
func TestFormat(t *testing.T) {
	ar, err := txtar.ParseFile("testdata/format.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(ar.Files); i += 2 {
		in, want := ar.Files[i], ar.Files[i+1]
		got, err := Format(in.Data)
		if err != nil {
			t.Errorf("%s: %v", in.Name, err)
			continue
		}
		if string(got) != string(want.Data) {
			t.Errorf("%s:\n%swant:\n%s", in.Name, got, want.Data)
		}
		if again, err := Format(got); err != nil || string(again) != string(got) {
			t.Errorf("%s: laid out twice:\n%s(%v)", in.Name, again, err)
		}
	}
}

// TestFormatRefuses has texts that are not laid out.
func TestFormatRefuses(t *testing.T) {
	for _, src := range []string{"table ip t {", "}"} {
		if out, err := Format([]byte(src)); err == nil {
			t.Errorf("%q became %q", src, out)
		}
	}
}

// TestFormatKeepsTrees compares the trees of all texts that parse with those of
// their layout.
func TestFormatKeepsTrees(t *testing.T) {
	n := 0
	for _, src := range texts(t) {
		tree, ok := treeOf(src)
		once, err := Format(src)
		if !ok || err != nil {
			continue
		}
		n++
		if again, _ := treeOf(once); again != tree {
			t.Errorf("%s is\n%s\nbut its layout\n%s is\n%s", src, tree, once, again)
		}
	}
	if n < 20 {
		t.Errorf("only %d texts parse", n)
	}
}

// treeOf parses a text that includes nothing; false if it has mistakes.
func treeOf(src []byte) (string, bool) {
	none := func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	f, list := Parse("in", src, Options{ReadFile: none})
	return dump(f.Commands), !list.HasErrors()
}

// texts are those of testdata.
func texts(t testing.TB) (out [][]byte) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no texts", err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			out = append(out, f.Data)
		}
	}
	return out
}

func FuzzFormat(f *testing.F) {
	for _, seed := range []string{"table ip t{chain c{tcp dport{1,2}accept;};}", "a\\\n b # c\n\n\n#d", "set s{elements={1:2,\n3}}"} {
		f.Add([]byte(seed))
	}
	for _, text := range texts(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		once, err := Format(src)
		if err != nil {
			return
		}
		if twice, err := Format(once); err != nil || string(twice) != string(once) {
			t.Errorf("%q becomes %q and then %q (%v)", src, once, twice, err)
		}
		if tree, ok := treeOf(src); ok {
			if again, _ := treeOf(once); again != tree {
				t.Errorf("%q is %s, but its layout %q is %s", src, tree, once, again)
			}
		}
	})
}
