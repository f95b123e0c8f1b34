package features

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
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
	countTags(t, byID, "../cmd/*/testdata/*.txtar", false)
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

// countTags counts the tags of test cases; on is whether they run packets
// through the engine.
func countTags(t *testing.T, byID map[string]*Row, pattern string, on bool) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, tag := range tagsOf(t, file) {
			for _, id := range tag.ids {
				r := row(byID, id, tag.title)
				r.Compiler = least(r.Compiler, tag.refused)
				if on {
					r.VM, r.Cases = least(r.VM, false), r.Cases+1
				}
			}
		}
	}
}

// A tag is a line `features: ID ID … [title]` in the comment of a case, or
// `refused: …` for features whose refusal is tested. Without a title it is the
// name of the file.
type tag struct {
	ids     []string
	title   string
	refused bool
}

var featureID = regexp.MustCompile(`^[A-Z]-\d{3}$`)

// tagsOf finds the tags of a case.
func tagsOf(t *testing.T, file string) []tag {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), "-", " ")
	var tags []tag
	for s := bufio.NewScanner(f); s.Scan() && !strings.HasPrefix(s.Text(), "-- "); {
		kind, list, ok := strings.Cut(strings.TrimPrefix(s.Text(), "# "), ":")
		if !ok || kind != "features" && kind != "refused" {
			continue
		}
		words := strings.Fields(list)
		n := 0
		for n < len(words) && featureID.MatchString(words[n]) {
			n++
		}
		title := name
		if n < len(words) {
			title = strings.Join(words[n:], " ")
		}
		tags = append(tags, tag{words[:n], title, kind == "refused"})
	}
	return tags
}
