package conformance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	shown  = regexp.MustCompile("`([^`]+)`")
	goTest = regexp.MustCompile(`^(\w+)\.(Test\w+\*?)$`)
	// measured is a section with the letter of one of its claims.
	measured = regexp.MustCompile(`^[0-9.]+[a-z]$`)
	probe    = regexp.MustCompile(`^[A-Z]-\d{3}$`)
)

// Each row of docs/claims.md names cases, tests and probes that exist, or says why
// there is none; what has a letter is one claim.
func TestClaims(t *testing.T) {
	text, err := os.ReadFile("../docs/claims.md")
	if err != nil {
		t.Fatal(err)
	}
	page := ""
	rows, once := 0, map[string]bool{}
	for l := range strings.Lines(string(text)) {
		if strings.HasPrefix(l, "## ") {
			page = l
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(l), "|"), " | ")
		if !strings.HasPrefix(l, "| ") || len(cells) != 3 || strings.TrimSpace(cells[0]) == "section" {
			continue
		}
		rows++
		if sec := strings.TrimSpace(cells[0]); measured.MatchString(sec) {
			if once[page+sec] {
				t.Errorf("%s%s stands twice", page, sec)
			}
			once[page+sec] = true
		}
		names := shown.FindAllStringSubmatch(cells[2], -1)
		if len(names) == 0 && !strings.HasPrefix(strings.TrimSpace(cells[2]), "none: ") {
			t.Errorf("%s %q: neither a case nor a reason", cells[0], cells[1])
		}
		for _, n := range names {
			if !exists(t, n[1]) {
				t.Errorf("%s %q: there is no %s", cells[0], cells[1], n[1])
			}
		}
	}
	if rows < 200 {
		t.Errorf("only %d rows", rows)
	}
}

// exists reports whether there is a case, a Go test or a probe of a name.
func exists(t *testing.T, name string) bool {
	if m := goTest.FindStringSubmatch(name); m != nil {
		return declares(t, m[1], "func "+strings.TrimSuffix(m[2], "*"))
	}
	if probe.MatchString(name) {
		return inFiles(t, "../features/testdata/*.txtar", name+" ")
	}
	found, err := filepath.Glob("cases/" + name + ".txtar")
	return err == nil && len(found) > 0
}

// declares looks for a function in the tests of a package.
func declares(t *testing.T, pkg, function string) bool {
	return inFiles(t, "../"+pkg+"/*_test.go", function) || inFiles(t, pkg+"/*_test.go", function)
}

func inFiles(t *testing.T, pattern, text string) bool {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), text) {
			return true
		}
	}
	return false
}
