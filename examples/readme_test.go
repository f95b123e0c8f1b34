package examples

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write into the examples' pages what their commands print")

// TestReadmes runs each command of the examples' pages, and wants what the page
// says it prints. The commands are run with bash in the example's directory.
func TestReadmes(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin, "nfvm/cmd/nfvm", "nfvm/cmd/nftc").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	pages, err := filepath.Glob("*/README.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	for _, page := range pages {
		t.Run(filepath.Dir(page), func(t *testing.T) {
			text := string(read(t, filepath.Dir(page), "README.md"))
			got, count := runPage(t, text, filepath.Dir(page), bin)
			if count == 0 {
				t.Error("the page has no commands")
			}
			if *update {
				if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if d := cmp.Diff(split(text), split(got)); d != "" {
				t.Error("(-page +commands):\n" + d)
			}
		})
	}
}

// runPage returns the page with what its commands print, and their number. A
// command is an indented line that begins with $, what is indented behind it its
// output.
func runPage(t *testing.T, text, dir, bin string) (string, int) {
	t.Helper()
	const indent = "    "
	var out []string
	count, command := 0, false
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		script, isCommand := strings.CutPrefix(line, indent+"$ ")
		if !isCommand && command && (strings.HasPrefix(line, indent) || line == "\n" && isOutput(lines[i+1:])) {
			continue
		}
		out = append(out, line)
		if command = isCommand; !command {
			continue
		}
		count++
		cmd := exec.Command("bash", "-c", strings.ReplaceAll(script, "go run nfvm/cmd/", bin+"/"))
		cmd.Dir = dir
		printed, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s%v\n%s", line, err, printed)
		}
		for line := range strings.Lines(string(printed)) {
			out = append(out, strings.TrimRight(indent+line, " \n")+"\n")
		}
	}
	return strings.Join(out, ""), count
}

// isOutput reports whether what follows a blank line belongs to the output ahead.
func isOutput(lines []string) bool {
	return len(lines) > 0 && strings.HasPrefix(lines[0], "    ") && !strings.HasPrefix(lines[0], "    $ ")
}
