package features

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rowsOf makes the rows: one for each ID that a probe or a tag names.
func rowsOf(t *testing.T) []Row {
	t.Helper()
	byID := map[string]*Row{}
	for _, file := range archives(t) {
		_, all, err := probesOf(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			for _, id := range p.ids {
				p.count(row(byID, id, p.title))
			}
		}
	}
	countTags(t, byID, "../conformance/cases/*.txtar", true)
	countTags(t, byID, "../cmd/*/testdata/*/*.txt", false)
	var rows []Row
	for _, r := range byID {
		rows = append(rows, *r)
	}
	return rows
}

func row(byID map[string]*Row, id, title string) *Row {
	if byID[id] == nil {
		byID[id] = &Row{ID: id, Title: title, Compiler: None, VM: None}
	}
	return byID[id]
}

// count adds what one probe says: the least of all probes counts.
func (p *probe) count(r *Row) {
	_, missing := p.want["missing"]
	_, refused := p.want["load"]
	_, isError := p.want["error"]
	_, newer := p.want["error 1.1"]
	r.Compiler = least(r.Compiler, missing)
	if !missing && !isError && !newer {
		r.VM = least(r.VM, refused)
	}
}

func least(have string, refused bool) string {
	if refused || have == Refused {
		return Refused
	}
	return Yes
}

// countTags counts the lines `features: ID ID … [title]` of test cases; on is
// whether they run packets through the engine.
func countTags(t *testing.T, byID map[string]*Row, pattern string, on bool) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, id := range tags(t, file) {
			r := row(byID, id, strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), "-", " "))
			r.Compiler = least(r.Compiler, false)
			if on {
				r.VM, r.Cases = least(r.VM, false), r.Cases+1
			}
		}
	}
}

// tags finds the features that a case names in its comment.
func tags(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var ids []string
	for s := bufio.NewScanner(f); s.Scan() && !strings.HasPrefix(s.Text(), "-- "); {
		text := strings.TrimPrefix(s.Text(), "# ")
		if list, ok := strings.CutPrefix(text, "features:"); ok {
			ids = append(ids, strings.Fields(list)...)
		}
	}
	return ids
}
