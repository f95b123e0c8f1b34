package nftsuite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// count is how many elements a set has, which only recent kernels tell nft.
var count = regexp.MustCompile(`\t# count \d+`)

// dump compares with a dump, a file NAME.nft.
func (r *report) dump(file string) {
	r.t.Helper()
	name := filepath.Base(filepath.Dir(filepath.Dir(file))) + "/" + filepath.Base(file)
	r.visited[name] = true
	data, err := os.ReadFile(file)
	if err != nil {
		r.t.Error(err)
		return
	}
	m := &machine{anyIface: true, ifaces: []string{"lo"}}
	want := count.ReplaceAllString(string(data), "")
	res, err := m.compile(want)
	if err != nil {
		r.differ("dump", name, "compile", "%v", err)
		return
	}
	r.lines("dump", name, want, m.text(res.Program, false))
	doc, err := os.ReadFile(strings.TrimSuffix(file, ".nft") + ".json-nft")
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		r.t.Error(err)
		return
	}
	printed, err := m.json(res.Program, false)
	if err != nil {
		r.differ("dump-json", name, "print", "%v", err)
		return
	}
	listed, err := members(string(doc))
	if err != nil {
		r.t.Errorf("%s: %v", name, err)
		return
	}
	r.lines("dump-json", name, perLine(listed), perLine(printed))
	again, err := m.compile(string(doc))
	if err != nil {
		r.differ("dump-reread", name, "compile", "%v", err)
		return
	}
	r.lines("dump-reread", name, want, m.text(again.Program, false))
}

// lines compares texts and tells the first lines that differ.
func (r *report) lines(kind, name, want, got string) {
	r.t.Helper()
	if want == got {
		r.equal[kind]++
		return
	}
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			r.differ(kind, name, "line", "line %d: want %s\n got %s", i+1, w[i], g[i])
			return
		}
	}
	r.differ(kind, name, "line", "want %d lines, got %d:\n%s", len(w), len(g), got)
}

// perLine writes the members of a ruleset one a line, but for the one that
// tells versions.
func perLine(all []map[string]map[string]any) string {
	var b strings.Builder
	for _, m := range all {
		if m["metainfo"] != nil {
			continue
		}
		text, err := json.Marshal(m)
		fmt.Fprintln(&b, string(text), errText(err))
	}
	return b.String()
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
