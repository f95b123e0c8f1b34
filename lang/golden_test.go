package lang

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden runs f over each pair NAME.nft, NAME.want of a txtar archive.
func golden(t *testing.T, file string, f func(name, text string) string) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []txtar.File
	for i := 0; i < len(a.Files); i++ {
		in := a.Files[i]
		name, ok := strings.CutSuffix(in.Name, ".nft")
		if !ok {
			continue
		}
		got := f(in.Name, string(in.Data))
		want := ""
		if i+1 < len(a.Files) && a.Files[i+1].Name == name+".want" {
			want = string(a.Files[i+1].Data)
		}
		if got != want && !*update {
			t.Errorf("%s: %s\ngot:\n%swant:\n%s", file, in.Name, got, want)
		}
		out = append(out, in, txtar.File{Name: name + ".want", Data: []byte(got)})
	}
	if *update {
		a.Files = out
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTrees compares the trees of commands and of the statements of rules.
func TestTrees(t *testing.T) {
	for _, file := range []string{"testdata/commands.txtar", "testdata/blocks.txtar", "testdata/statements.txtar", "testdata/expressions.txtar"} {
		golden(t, file, func(name, text string) string {
			f, d := Parse(name, []byte(text), Options{})
			var b strings.Builder
			for _, c := range f.Commands {
				dumpCommand(&b, c)
			}
			b.WriteString(d.String())
			return b.String()
		})
	}
}

// dumpCommand writes a command; of a rule only the statements, one a line.
func dumpCommand(b *strings.Builder, c Command) {
	r, ok := c.(*RuleCmd)
	if !ok || r.Verb != VerbAdd || r.Rule == nil || r.Place != PlaceNone {
		b.WriteString(dump(c) + "\n")
		return
	}
	for i, s := range r.Rule.Stmts {
		if i > 0 {
			b.WriteString("\t")
		}
		b.WriteString(dump(s) + "\n")
	}
	if r.Rule.Comment.Set() {
		b.WriteString("\tcomment " + r.Rule.Comment.Text + "\n")
	}
}

// TestErrors compares the messages for broken input.
func TestErrors(t *testing.T) {
	golden(t, "testdata/errors.txtar", func(name, text string) string {
		_, d := Parse(name, []byte(text), Options{})
		return d.String()
	})
}
