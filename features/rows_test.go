package features

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A tally is what probes and tags say of one feature.
type tally struct {
	Row
	titled       bool // by a probe that is about it before anything else
	compiler, vm column
}

// A column collects what of a feature works and what is refused.
type column struct {
	works   bool
	refused []string // names of what is refused
}

func (c *column) add(refused string) {
	if refused == "" {
		c.works = true
	} else if !slices.Contains(c.refused, refused) {
		c.refused = append(c.refused, refused)
	}
}

func (c *column) String() string {
	slices.Sort(c.refused)
	switch what := strings.Join(c.refused, ", "); {
	case what == "" && !c.works:
		return None
	case what == "":
		return Yes
	case c.works:
		return AllBut + " " + what
	default:
		return Refused + ": " + what
	}
}

// rowsOf makes the rows: one for each ID that a probe or a tag names, or that
// testdata/apart.tsv gives a reason for.
func rowsOf(t *testing.T) []Row {
	t.Helper()
	byID := map[string]*tally{}
	for _, file := range archives(t) {
		_, all, err := probesOf(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			for i, id := range p.ids {
				p.count(t, row(byID, id, p.title, i == 0))
			}
		}
	}
	countTags(t, byID, "../conformance/cases/*.txtar", true)
	countTags(t, byID, "../cmd/*/testdata/*/*.txt", false)
	countTags(t, byID, "../cmd/*/testdata/*.txtar", false)
	rows := apart(t, byID)
	for _, r := range byID {
		r.Compiler, r.VM = r.compiler.String(), r.vm.String()
		rows = append(rows, r.Row)
	}
	return rows
}

// row finds the tally of a feature. Its title is that of the first probe that is
// about it before anything else, or else of the first that names it.
func row(byID map[string]*tally, id, title string, main bool) *tally {
	r := byID[id]
	if r == nil {
		r = &tally{Row: Row{ID: id}}
		byID[id] = r
	}
	if r.Title == "" || main && !r.titled {
		r.Title, r.titled = title, main
	}
	return r
}

// lastOf are the last numbers of the sections about language, statements, sets,
// objects, iptables and commands: each number up to it has a row. The rows of
// conntrack and NAT (K and N) come from cases, which are counted as they are
// written.
var lastOf = map[byte]int{'L': 134, 'F': 79, 'D': 48, 'M': 39, 'E': 28, 'C': 24, 'P': 137, 'X': 95,
	'O': 37, 'I': 41, 'S': 118, 'T': 73, 'B': 27, 'A': 157, 'U': 62}

// Every feature of these sections has a row.
func TestNothingLeftOut(t *testing.T) {
	have := map[string]bool{}
	for _, r := range rowsOf(t) {
		have[r.ID] = true
	}
	for section, last := range lastOf {
		for n := 1; n <= last; n++ {
			if id := fmt.Sprintf("%c-%03d", section, n); !have[id] {
				t.Errorf("%s has no row", id)
			}
		}
	}
}

// apart gives the rows of features that have no part in a compiler or a VM: no
// probe can show them, so a line says why.
func apart(t *testing.T, byID map[string]*tally) []Row {
	t.Helper()
	data, err := os.ReadFile("testdata/apart.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var rows []Row
	for line := range strings.Lines(string(data)) {
		id, why, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || !featureID.MatchString(id) || byID[id] != nil {
			t.Errorf("testdata/apart.tsv: %q is no ID and reason, or has probes", line)
		}
		rows = append(rows, Row{ID: id, Title: why, Compiler: None, VM: None})
	}
	return rows
}

// What an error says is not supported: by a machine, or in the rules of iptables.
var (
	unfiltered  = regexp.MustCompile(`packets are not filtered at the \w+ hook of the (\w+) family`)
	unsupported = regexp.MustCompile(`(?:rule \d+|table \w+ \S+|Error): (.+?) (?:is|are) not supported`)
)

// refusal names what an error refuses.
func refusal(t *testing.T, text string) string {
	t.Helper()
	for _, form := range []*regexp.Regexp{unfiltered, unsupported} {
		if m := form.FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	first, _, _ := strings.Cut(text, "\n")
	_, first, _ = strings.Cut(first, "Error: ")
	return first
}

// count adds what one probe says.
func (p *probe) count(t *testing.T, r *tally) {
	t.Helper()
	_, isError := p.want["error"]
	_, newer := p.want["error 1.1"]
	if missing, ok := p.expects("missing"); ok {
		r.compiler.add(refusal(t, missing))
		return
	}
	r.compiler.add("")
	if refused, ok := p.expects("load"); ok {
		r.vm.add(refusal(t, refused))
	} else if !isError && !newer {
		r.vm.add("")
	}
}

// countTags counts the tags of test cases; on is whether they run packets
// through the engine.
func countTags(t *testing.T, byID map[string]*tally, pattern string, on bool) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, tag := range tagsOf(t, file) {
			for _, id := range tag.ids {
				r := row(byID, id, tag.title, false)
				if tag.refused {
					r.compiler.add(tag.title)
					continue
				}
				r.compiler.add("")
				if on {
					r.vm.add("")
					r.Cases++
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
