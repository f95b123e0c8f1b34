package conformance_test

import (
	"flag"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"nfvm/bytecode"
	"nfvm/lang"
)

var mutations = flag.Int("mutations", 3000, "how many rulesets with words changed at random TestMutated compiles")

// token splits a ruleset into what a mistake in writing one changes.
var token = regexp.MustCompile(`"[^"\n]*"|[A-Za-z_][\w.-]*|\d+|[^\s\w]|\s+`)

// A mutator changes words of rulesets for those of others.
type mutator struct {
	*rand.Rand
	texts []string
	words []string // each once
}

func newMutator(t *testing.T, seed uint64) *mutator {
	m := &mutator{Rand: rand.New(rand.NewPCG(seed, 0))}
	seen := map[string]bool{}
	for _, pattern := range []string{"cases/*.txtar", "../compiler/testdata/*/*.txtar"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no rulesets in %s: %v", pattern, err)
		}
		for _, path := range paths {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range a.Files {
				if !strings.HasSuffix(f.Name, ".nft") || len(f.Data) > 1<<13 || len(f.Data) == 0 {
					continue
				}
				m.texts = append(m.texts, string(f.Data))
				for _, w := range token.FindAllString(string(f.Data), -1) {
					if strings.TrimSpace(w) != "" && !seen[w] {
						seen[w] = true
						m.words = append(m.words, w)
					}
				}
			}
		}
	}
	return m
}

// mutated is one of the rulesets with one or two of its words dropped, doubled,
// misspelt, exchanged, or replaced.
func (m *mutator) mutated() string {
	words := token.FindAllString(m.texts[m.IntN(len(m.texts))], -1)
	for range 1 + m.IntN(2) {
		i, j := m.IntN(len(words)), m.IntN(len(words))
		other := m.words[m.IntN(len(m.words))]
		switch m.IntN(7) {
		case 0:
			words[i] = ""
		case 1:
			words[i] += " " + words[i]
		case 2:
			words[i], words[j] = words[j], words[i]
		case 3:
			if w := words[i]; w != "" {
				at := m.IntN(len(w))
				words[i] = w[:at] + string("abcdef019./:-_"[m.IntN(14)]) + w[at+1:]
			}
		case 4:
			words[i] += " " + other
		default:
			words[i] = other
		}
	}
	return strings.Join(words, "")
}

// losesMore are rules of which nft's own listing is no text for nft: it leaves out that
// ARP is tested for in a table of another family, and reads sets of flags in another order
// each time.
var losesMore = regexp.MustCompile(`\barp\b|(flags|ct state) .*{`)

// TestMutated compiles rulesets with mistakes in them: there is a program or an error
// with its place, never a panic; and what compiles can be formatted, and printed in
// every form, without becoming another ruleset.
func TestMutated(t *testing.T) {
	m := newMutator(t, firstSeed(4_000_000))
	good := 0
	for range *mutations {
		src := m.mutated()
		p, refused := attempt(t, forms[0], src)
		if p == nil {
			if refused == "" {
				t.Errorf("refused without an error:\n%s", src)
			}
			continue
		}
		good++
		formatted, err := lang.Format([]byte(src))
		if err != nil {
			t.Errorf("can't be formatted: %v\n%s", err, src)
		} else if q, refused := attempt(t, forms[0], string(formatted)); q == nil {
			t.Errorf("formatted, it is refused: %s\n%s", refused, src)
		} else if a, b := forms[1].printed(t, p), forms[1].printed(t, q); a != b {
			t.Errorf("formatted, it is another: %s\n%s", firstLine(a, b), src)
		}
		for _, f := range forms {
			if losesMore.MatchString(src) {
				continue
			}
			text := f.printed(t, p)
			again, refused := attempt(t, f, text)
			if again == nil {
				t.Errorf("printed as %s, it is refused: %s\n%s", f.name, refused, src)
				continue
			}
			text = f.printed(t, again)
			if third, _ := attempt(t, f, text); third == nil || f.printed(t, third) != text {
				t.Errorf("printed as %s twice, it is another\n%s", f.name, src)
			}
		}
	}
	t.Logf("%d of %d compile", good, *mutations)
	if good < *mutations/20 {
		t.Error("too few compile")
	}
}

// attempt compiles a text; without a program it says why there is none.
func attempt(t *testing.T, f form, src string) (p *bytecode.Program, refused string) {
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("panic: %v\n%s\n%s", r, src, debug.Stack())
		}
	}()
	return f.compile(src)
}
