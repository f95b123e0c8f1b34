package compiler

import (
	"testing"

	"nfvm/lang"
)

// A priority may come from a variable: a number, a negative one, or a name.
func TestPriorityVariables(t *testing.T) {
	src := `define low = -50
define high = 20
define name = filter
table ip t {
	chain a { type filter hook input priority $low; }
	chain b { type filter hook input priority $high; }
	chain c { type filter hook input priority $name; }
}
`
	f, errs := lang.Parse("rules.nft", []byte(src), lang.Options{})
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	r, errs := Compile([]*lang.File{f}, Options{})
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	want := map[string]int32{"a": -50, "b": 20, "c": 0}
	for _, c := range r.Program.Tables[0].Chains {
		if c.Base.Priority != want[c.Name] {
			t.Errorf("chain %s: priority %d, want %d", c.Name, c.Base.Priority, want[c.Name])
		}
	}
}
