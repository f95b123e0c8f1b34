package lang

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"nfvm/diag"
)

// literals collects the set literals of a tree in order.
func literals(v reflect.Value, seen map[any]bool) (out []*SetLit) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Interface()] {
			return nil
		}
		seen[v.Interface()] = true
		if s, ok := v.Interface().(*SetLit); ok {
			out = append(out, s)
		}
		return append(out, literals(v.Elem(), seen)...)
	case reflect.Interface:
		return literals(v.Elem(), seen)
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, literals(v.Index(i), seen)...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out = append(out, literals(v.Field(i), seen)...)
			}
		}
	}
	return out
}

// parseFresh parses with sources of its own.
func parseFresh(src []byte, opt Options, least int) (*File, *session) {
	opt.Sources = diag.NewSources()
	return parse("in", src, opt, least)
}

// commandLiterals collects the set literals of the commands.
func commandLiterals(f *File) []*SetLit {
	return literals(reflect.ValueOf(f.Commands), map[any]bool{})
}

// sameFolded fails when folding changes what is read from a text. It gives the
// number of elements that were folded.
func sameFolded(t *testing.T, src []byte, opt Options) int {
	t.Helper()
	plainFile, plainSession := parseFresh(src, opt, 0)
	file, s := parseFresh(src, opt, 1)
	if s.diags.HasErrors() {
		return 0 // Parse starts anew
	}
	if plainSession.diags.HasErrors() {
		t.Fatalf("folding hides a mistake:\n%s", plainSession.diags.String())
	}
	if got, want := s.diags.String(), plainSession.diags.String(); got != want {
		t.Fatalf("messages differ\n got %s\nwant %s", got, want)
	}
	got, want := commandLiterals(file), commandLiterals(plainFile)
	n := 0
	for i, lit := range want {
		j := 0
		for e := range got[i].All() {
			w := lit.Elems[j]
			if _, nested := w.Key.(*SetLit); !nested && !reflect.DeepEqual(*e, w) {
				t.Fatalf("element %d differs\n got %s\nwant %s", j, dump(*e), dump(w))
			}
			j++
		}
		if j != len(lit.Elems) || got[i].Span != lit.Span {
			t.Fatalf("%d elements at %v, want %d at %v", j, got[i].Span, len(lit.Elems), lit.Span)
		}
		n += j - len(got[i].Elems)
	}
	return n
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		body   string
		folded int
	}{
		{"1, 2, 0x3, 4", 3},
		{"10.0.0.1, 10.0.0.0/8, 10.1.0.0-10.2.0.0,\n\"a\",\n b, c*, 1h, ::1,", 8},
		{"1 . 2 . 3-4 : 5 . 6/7,\n1 : 2,", 2},
		{"1 : accept, 2 : jump x, 3 : 4, 5 : goto y", 3},
		{"1 timeout 1h, 2 expires 1m timeout 2h comment \"x\" : 5, 3 counter, 4 counter packets 1 bytes 2, 5", 4},
		{"1 # one, two\n, 2, # three\n3,\n# four\n4, 5", 4},
		{"1, *, 2, { 3, 4 }, 5, 6", 3},
		{"tcp, 6 , , 7,, 8,", 4},
		{"1 & 2, $x, 3, (4), 5 limit rate 1/second, 6", 1},
	} {
		src := "define x = 1\nadd element t s { " + c.body + " }\n"
		if n := sameFolded(t, []byte(src), Options{}); n != c.folded {
			t.Errorf("{ %s }: %d elements are folded, want %d", c.body, n, c.folded)
		}
	}
}

// TestFoldLarge fails when a large set is not read as runs, or not with the same
// messages as a small one.
func TestFoldLarge(t *testing.T) {
	var b strings.Builder
	b.WriteString("add element t s {\n")
	for i := range 40000 {
		fmt.Fprintf(&b, "%d,\n", i)
	}
	f, list := Parse("in", []byte(b.String()+"}\n"), Options{})
	if list.HasErrors() {
		t.Fatal(list.String())
	}
	lit := commandLiterals(f)[0]
	if len(lit.Elems) > minRun || len(lit.runs) < 2 {
		t.Errorf("%d nodes and %d runs", len(lit.Elems), len(lit.runs))
	}
	n := 0
	for e := range lit.All() {
		if v := e.Key.(*Number); v.Value != uint64(n) {
			t.Fatalf("element %d is %d", n, v.Value)
		}
		n++
	}
	if n != 40000 {
		t.Errorf("%d elements", n)
	}
	for _, wrong := range []string{"1 2,\n", "timeout,\n", "}\n}"} {
		f, list := Parse("in", []byte(b.String()+wrong+"}\n"), Options{})
		want, s := parseFresh([]byte(b.String()+wrong+"}\n"), Options{}, 0)
		if s.sortDiags(); list.String() != s.diags.String() || !list.HasErrors() || len(f.Commands) != len(want.Commands) {
			t.Errorf("%q: got\n%s\nwant\n%s", wrong, list.String(), s.diags.String())
		}
	}
}
