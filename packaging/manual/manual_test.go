package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nfvm/internal/testenv"
)

// help gives what a program of ours tells.
func help(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "run", "nfvm/cmd/"+name, "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func generate(t *testing.T, text string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(args, strings.NewReader(text), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestManual: groff has nothing to say against the pages, and shows all that the
// help does.
func TestManual(t *testing.T) {
	testenv.Need(t, testenv.Program("groff"))
	for _, name := range []string{"nfvm", "nftc"} {
		text := help(t, name)
		cmd := exec.Command("groff", "-ww", "-man", "-Tascii", "-P-cbou", "-rLL=300n")
		cmd.Stdin = strings.NewReader(generate(t, text, "man", name, "8"))
		var warnings bytes.Buffer
		cmd.Stderr = &warnings
		out, err := cmd.Output()
		if err != nil || warnings.Len() > 0 {
			t.Fatalf("%s: %v\n%s", name, err, &warnings)
		}
		shown := string(out)
		for word := range strings.FieldsSeq(text) {
			if word = strings.Trim(word, "():;,."); word != "usage" && !strings.Contains(strings.ToLower(shown), strings.ToLower(word)) {
				t.Errorf("%s: the page lacks %q", name, word)
			}
		}
	}
}

// TestCompletion has bash complete a few beginnings.
func TestCompletion(t *testing.T) {
	testenv.Need(t, testenv.Program("bash"))
	for _, name := range []string{"nfvm", "nftc"} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(generate(t, help(t, name), "bash", name)), 0o600); err != nil {
			t.Fatal(err)
		}
		for line, want := range map[string][]string{
			"nfvm --driv": {"--driver"}, "nfvm conn": {"conntrack"}, "nfvm list cou": {"counters"}, "nfvm add ": {"element"},
			"nfvm stats --con": {"--conntrack", "--conntrack-load", "--conntrack-save", "--control"}, "nfvm apply x": nil, "nfvm --iface l": {"lo"},
			"nftc --numeric-p": {"--numeric-priority", "--numeric-protocol"}, "nftc des": {"describe"},
		} {
			if !strings.HasPrefix(line, name) {
				continue
			}
			script := `. "$1"; IFS=' ' read -ra COMP_WORDS <<<"$2"; [ "${2% }" = "$2" ] || COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _` + name + `; printf '%s\n' "${COMPREPLY[@]}"`
			out, err := exec.Command("bash", "-c", script, "bash", file, line).CombinedOutput()
			got := strings.Fields(string(out))
			slices.Sort(got)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%q completes to %v (%v), want %v", line, got, err, want)
			}
		}
	}
}

// TestParse: the forms that a help text may have.
func TestParse(t *testing.T) {
	p := parse("x", "x - does it\n\n  x A   one\n    more\n\nText of\ntwo lines.\n\nSome (by the way)\n  --a, -b N  first\n             and second\n  --long-flag ARG says\n\nExit status: 0.\n")
	if p.about != "does it" || !slices.Equal(p.usage, []string{"x A   one", "  more"}) || len(p.sections) != 3 {
		t.Fatalf("%+v", p)
	}
	some := section{"Some", []part{{text: "(by the way)"}, {term: "--a, -b N", text: "first and second"}, {term: "--long-flag ARG says"}}}
	if got := p.sections[1]; got.title != some.title || !slices.Equal(got.parts, some.parts) {
		t.Errorf("%+v", got)
	}
	if got := p.flags(); !slices.Equal(got, []string{"--a", "-b", "--long-flag"}) {
		t.Errorf("flags %v", got)
	}
	if got := p.sections[2]; got.title != "Exit status" || got.parts[0].text != "0." {
		t.Errorf("%+v", got)
	}
}
