package lang

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes files in a new directory.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// parseFile parses a file of dir and gives its chains, and the messages with
// dir taken out.
func parseFile(t *testing.T, dir, name string, opt Options) (chains []string, msgs string) {
	t.Helper()
	path := filepath.Join(dir, name)
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, d := Parse(path, src, opt)
	for _, c := range f.Commands {
		switch c := c.(type) {
		case *ChainCmd:
			chains = append(chains, c.Path.Name.Text)
		case *TableCmd:
			for _, it := range c.Body.Items {
				if ch, ok := it.(*Chain); ok {
					chains = append(chains, ch.Name.Text)
				}
			}
		}
	}
	return chains, strings.ReplaceAll(d.String(), dir+"/", "")
}

func TestInclude(t *testing.T) {
	dir := write(t, map[string]string{
		"top":           "add chain t a\ninclude \"b.nft\"\nadd chain t z\n",
		"b.nft":         "add chain t b\n",
		"glob":          "include \"d/*.nft\"\ninclude \"none/*.nft\"\n",
		"d/2.nft":       "add chain t two\n",
		"d/1.nft":       "add chain t one\n",
		"d/.hidden.nft": "add chain t hidden\n",
		"d/sub.nft/x":   "",
		"block":         "table t {\n\tchain a { }\n\tinclude \"chains.inc\"\n}\n",
		"chains.inc":    "define x = 5\nchain b {\n\tinclude \"rules.inc\"\n}\n",
		"rules.inc":     "tcp dport $x accept\ndrop",
		"dirs":          "include \"other.nft\"\n",
		"inc/other.nft": "add chain t other\n",
		"vars":          "include \"def.nft\"\nadd chain t c\nadd rule t c tcp dport $p\n",
		"def.nft":       "define p = 22",
		"cycle":         "include \"cycle\"\n",
		"error":         "add chain t a\ninclude \"bad.nft\"\nadd chian t b\n",
		"bad.nft":       "add chain t x y\nadd chain t ok\n",
		"brace":         "table t {\n\tinclude \"brace.inc\"\n}\n",
		"brace.inc":     "chain a { }\n}\n",
		"directory":     "include \"d\"\n",
	})
	for _, c := range []struct {
		file   string
		opt    Options
		chains string
		msgs   string
	}{
		{file: "top", chains: "a b z"},
		{file: "glob", chains: "one two"},
		{file: "block", chains: "a b"},
		{file: "dirs", opt: Options{IncludeDirs: []string{dir + "/no", dir + "/inc"}}, chains: "other"},
		{file: "dirs", msgs: "dirs:1:1-19: Error: File not found: other.nft\ninclude \"other.nft\"\n^^^^^^^^^^^^^^^^^^^\n"},
		{file: "vars", chains: "c"},
		{file: "cycle", msgs: "cycle:1:1-15: Error: include cycle: \"cycle\" includes itself\ninclude \"cycle\"\n^^^^^^^^^^^^^^^\n"},
		{file: "error", chains: "a x ok", msgs: "In file included from error:2:1-17:\n" +
			"bad.nft:1:15-15: Error: syntax error, unexpected string, expecting end of file or newline or semicolon\nadd chain t x y\n              ^\n" +
			"error:3:5-9: Error: syntax error, unexpected string 'chian'; did you mean ‘chain’?\nadd chian t b\n    ^^^^^\n"},
		{file: "brace", chains: "a", msgs: "In file included from brace:2:2-20:\nbrace.inc:2:1-1: Error: syntax error, unexpected '}'\n}\n^\n"},
		{file: "directory", msgs: "directory:1:1-11: Warning: \"d\" is a directory, of which nothing is included: \"d/*\" names its files\ninclude \"d\"\n^^^^^^^^^^^\n"},
	} {
		chains, msgs := parseFile(t, dir, c.file, c.opt)
		if got := strings.Join(chains, " "); got != c.chains || msgs != c.msgs {
			t.Errorf("%s: chains %q want %q, messages\n%swant\n%s", c.file, got, c.chains, msgs, c.msgs)
		}
	}
}

// TestIncludeDepth nests one level more than allowed.
func TestIncludeDepth(t *testing.T) {
	opt := Options{ReadFile: func(name string) ([]byte, error) {
		return []byte("include \"" + filepath.Base(name) + "x\"\n"), nil
	}}
	_, d := Parse("a", []byte("include \"/x\"\n"), opt)
	if s := d.String(); len(d.Items) != 1 || !strings.Contains(s, "Include nested too deeply, max 16 levels") {
		t.Error(s)
	}
}

func TestDefineOption(t *testing.T) {
	src := []byte("add rule t c tcp dport $a ip saddr $b\n")
	_, d := Parse("in", src, Options{Defines: []DefineOption{{"a", "22"}, {"b", "{ 1.1.1.1, 2.2.2.2 }"}}})
	if len(d.Items) > 0 {
		t.Error(d.String())
	}
	_, d = Parse("in", nil, Options{Defines: []DefineOption{{"a", "22 } x"}}})
	if got := d.String(); !strings.Contains(got, "<command line>:1:15-15: Error: syntax error, unexpected '}'") {
		t.Error(got)
	}
}
