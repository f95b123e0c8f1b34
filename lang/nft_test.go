package lang

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nfvm/internal/testenv"

	"github.com/rogpeppe/go-internal/txtar"
)

var errorLine = regexp.MustCompile(`(?m)^.*?:(\d+):\d+-\d+: Error: `)

// otherLine are the inputs for which nft's first message is at another line
// than ours, and why.
var otherLine = map[string]string{
	"unclosed set.nft": "nft reads on as part of the set and stops at the next line",
	"nesting.nft":      "nft has no limit for parentheses",
}

// TestErrorsAgainstNft checks that nft refuses the inputs of errors.txtar too,
// and that its first message is at the same line.
func TestErrorsAgainstNft(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Program("nft"), testenv.Program("unshare"))
	a, err := txtar.ParseFile("testdata/errors.txtar")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "in.nft")
	for i := 0; i+1 < len(a.Files); i += 2 {
		name, ours := a.Files[i].Name, firstErrorLine(string(a.Files[i+1].Data))
		if err := os.WriteFile(file, a.Files[i].Data, 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("unshare", "-n", "nft", "-c", "-f", file).CombinedOutput()
		if otherLine[name] != "" {
			continue
		}
		if err == nil {
			t.Errorf("%s: nft takes it", name)
		} else if nfts := firstErrorLine(string(out)); nfts != ours {
			t.Errorf("%s: nft complains at line %s, we at line %s:\n%s", name, nfts, ours, out)
		}
	}
}

func firstErrorLine(s string) string {
	m := errorLine.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return ""
	}
	return m[1]
}
