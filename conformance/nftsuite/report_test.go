package nftsuite

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// A report counts comparisons by what was compared.
type report struct {
	t        *testing.T
	equal    map[string]int
	other    map[string]int
	expected map[string]int  // differences that are meant
	meant    map[string]bool // exceptions, true once one applied
	visited  map[string]bool // files, as exceptions name them
	shown    int
}

func newReport(t *testing.T) *report {
	return &report{t: t, equal: map[string]int{}, other: map[string]int{}, expected: map[string]int{}, visited: map[string]bool{}, meant: readExceptions(t)}
}

// theirs compares with a directory that the command line names, if it names one,
// and wants every exception to be one still.
func theirs(t *testing.T, dir string, compare func(*report, string) int) {
	if dir == "" {
		return
	}
	t.Run("theirs", func(t *testing.T) {
		r := newReport(t)
		r.totals(compare(r, dir))
		for _, text := range r.unused() {
			t.Errorf("exceptions.txt: this does not apply: %s", text)
		}
	})
}

// readExceptions reads lines "FILE: kind: text", each below a comment with its
// reason.
func readExceptions(t *testing.T) map[string]bool {
	t.Helper()
	data, err := os.ReadFile("exceptions.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	reason := false
	for _, text := range strings.Split(string(data), "\n") {
		if text == "" || strings.HasPrefix(text, "#") {
			reason = text != ""
			continue
		}
		if !reason {
			t.Errorf("exceptions.txt: there is no reason above %s", text)
		}
		out[text] = false
	}
	return out
}

// same counts one comparison. The name says which, as exceptions.txt does.
func (r *report) same(kind, file, of string, want, got any) {
	r.t.Helper()
	w, g := fmt.Sprint(want), fmt.Sprint(got)
	if w == g {
		r.equal[kind]++
		return
	}
	r.differ(kind, file, of, "want %s\n got %s", w, g)
}

// differ counts a difference.
func (r *report) differ(kind, file, of, format string, args ...any) {
	r.t.Helper()
	key := file + ": " + kind + ": " + of
	if _, ok := r.meant[key]; ok {
		r.meant[key] = true
		r.expected[kind]++
		return
	}
	r.other[kind]++
	if r.shown++; r.shown > *show {
		r.t.Fail()
		return
	}
	r.t.Errorf("%s\n"+format, append([]any{key}, args...)...)
}

// unused are the exceptions for the files visited that did not apply.
func (r *report) unused() (out []string) {
	for text, applied := range r.meant {
		if file, _, _ := strings.Cut(text, ": "); !applied && r.visited[file] {
			out = append(out, text)
		}
	}
	return out
}

// totals prints what was counted.
func (r *report) totals(files int) {
	var kinds []string
	for _, m := range []map[string]int{r.equal, r.other, r.expected} {
		for kind := range m {
			if !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	slices.Sort(kinds)
	r.t.Logf("%d files", files)
	for _, kind := range kinds {
		r.t.Logf("%-12s %6d equal %6d different %6d meant to be", kind, r.equal[kind], r.other[kind], r.expected[kind])
	}
}
