package iptables

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"nfvm/compiler"
	"nfvm/lang"
	"nfvm/listing"
	"nfvm/nf"
)

var update = flag.Bool("update", false, "write the golden files anew")

// families are those of the tools by the ending of an input's name.
var families = map[string]nf.Family{".rules": nf.FamilyIPv4, ".rules6": nf.FamilyIPv6, ".arp": nf.FamilyARP, ".eb": nf.FamilyBridge}

// TestRules compares what saved rules are compiled to, as nft lists it, or the
// messages about their mistakes.
func TestRules(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out []txtar.File
		for i, in := range a.Files {
			if strings.HasSuffix(in.Name, ".want") {
				continue
			}
			got := listed(in.Name, in.Data)
			want := ""
			if i+1 < len(a.Files) && a.Files[i+1].Name == in.Name+".want" {
				want = string(a.Files[i+1].Data)
			}
			if got != want && !*update {
				t.Errorf("%s: %s\ngot:\n%swant:\n%s", file, in.Name, got, want)
			}
			out = append(out, in, txtar.File{Name: in.Name + ".want", Data: []byte(got)})
		}
		a.Files = out
		if *update {
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// listed compiles saved rules and lists them, or gives the messages.
func listed(name string, src []byte) string {
	opt := Options{Family: families[filepath.Ext(name)]}
	f, diags := Parse(name, src, opt)
	users := map[string]uint32{"root": 0, "www-data": 33}
	user := func(name string) (uint32, bool) { id, ok := users[name]; return id, ok }
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{User: user, Group: user})
	diags.Append(more)
	diags.Sort()
	var b strings.Builder
	b.WriteString(diags.String())
	if !diags.HasErrors() {
		if err := listing.Ruleset(&b, res.Program, &listing.Options{}); err != nil {
			b.WriteString(err.Error())
		}
	}
	return b.String()
}
