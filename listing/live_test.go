package listing

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"nfvm/internal/testenv"
)

var volatile = regexp.MustCompile(` expires [0-9a-z]+`)

// compareLive loads a ruleset into a namespace, reads it back from the kernel
// as bytecode, and compares its listing with nft's own, line by line.
func compareLive(t *testing.T, ns *namespace, rules string) (lines int, diffs []string) {
	if out, err := ns.nft("flush ruleset\n"+rules, "-f", "-"); err != nil {
		t.Logf("does not load: %.200s", out)
		return 0, nil
	}
	want, _ := ns.nft("", "list", "ruleset")
	var b strings.Builder
	p := ns.program()
	declare(p, want)
	if err := Ruleset(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	w := strings.Split(volatile.ReplaceAllString(want, ""), "\n")
	g := strings.Split(volatile.ReplaceAllString(b.String(), ""), "\n")
	have := map[string]int{}
	for _, l := range g {
		have[l]++
	}
	var missing []string
	for _, l := range w {
		if have[l]--; have[l] < 0 {
			missing = append(missing, l)
		}
	}
	i := 0
	for _, l := range g {
		if have[l] > 0 {
			have[l]--
			m := "(none)"
			if i < len(missing) {
				m = missing[i]
			}
			i++
			diffs = append(diffs, fmt.Sprintf("want %s\n got %s", m, l))
		}
	}
	if len(diffs) == 0 && len(w) != len(g) {
		diffs = append(diffs, fmt.Sprintf("want %d lines, got %d", len(w), len(g)))
	}
	return len(w), diffs
}

// TestCorpus compares the listings of a directory of rulesets, named by
// NFVM_LISTING_CORPUS, with nft's.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("NFVM_LISTING_CORPUS")
	if dir == "" {
		t.Skip("NFVM_LISTING_CORPUS names no directory")
	}
	testenv.Need(t, testenv.Root, testenv.Program("nft"))
	files, _ := filepath.Glob(filepath.Join(dir, "*.nft"))
	sort.Strings(files)
	lines, bad := 0, 0
	inNamespace(t, func(ns *namespace) {
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Error(err)
				return
			}
			compare := compareLive
			if os.Getenv("NFVM_LISTING_JSON") != "" {
				compare = compareJSON
			}
			n, diffs := compare(t, ns, string(text))
			lines, bad = lines+n, bad+len(diffs)
			for i, d := range diffs {
				if i < 60 {
					t.Errorf("%s:\n%s", filepath.Base(f), d)
				}
			}
		}
	})
	t.Logf("%d of %d lines differ", bad, lines)
}

// compareJSON is compareLive for JSON, item by item; single flags and one-member
// lists are the same, as nft's series differ there.
func compareJSON(t *testing.T, ns *namespace, rules string) (items int, diffs []string) {
	if _, err := ns.nft("flush ruleset\n"+rules, "-f", "-"); err != nil {
		return 0, nil
	}
	want, _ := ns.nft("", "-j", "list", "ruleset")
	var b strings.Builder
	if err := JSON(&b, ns.program(), nil); err != nil {
		t.Fatal(err)
	}
	w, err := jsonItems(want)
	if err != nil {
		return 0, nil // nft's own output is broken for some rulesets
	}
	g, err := jsonItems(b.String())
	if err != nil {
		return 1, []string{err.Error()}
	}
	for i := range w {
		got := "(end)"
		if i < len(g) {
			got = g[i]
		}
		if got != w[i] {
			diffs = append(diffs, fmt.Sprintf("want %s\n got %s", w[i], got))
		}
	}
	return len(w), diffs
}

func jsonItems(s string) ([]string, error) {
	var doc struct{ Nftables []any }
	if err := json.Unmarshal([]byte(s), &doc); err != nil {
		return nil, err
	}
	var out []string
	for _, x := range doc.Nftables {
		if m, ok := x.(map[string]any); ok && m["metainfo"] != nil {
			continue
		}
		text, err := json.Marshal(plainJSON(x))
		if err != nil {
			return nil, err
		}
		out = append(out, string(text))
	}
	return out, nil
}

func plainJSON(x any) any {
	switch x := x.(type) {
	case []any:
		if len(x) == 1 {
			return plainJSON(x[0])
		}
		for i := range x {
			x[i] = plainJSON(x[i])
		}
	case map[string]any:
		delete(x, "expires")
		for k := range x {
			x[k] = plainJSON(x[k])
		}
	}
	return x
}
