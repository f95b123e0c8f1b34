package lang

import (
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

func FuzzFormat(f *testing.F) {
	for _, seed := range []string{"table ip t{chain c{tcp dport{1,2}accept;};}", "a\\\n b # c\n\n\n#d", "set s{elements={1:2,\n3}}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		once, err := Format(src)
		if err != nil {
			return
		}
		if twice, err := Format(once); err != nil || string(twice) != string(once) {
			t.Errorf("%q becomes %q and then %q (%v)", src, once, twice, err)
		}
	})
}
