package amend

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
)

const rules = `table inet t {
	counter c { }
	set a { type ipv4_addr; flags timeout; counter; elements = { 1.1.1.1 timeout 1h expires 30m counter packets 7 bytes 9, 1.1.1.2 } }
	set p { type inet_service; flags interval; auto-merge; elements = { 80, 100-200 } }
	set pair { typeof ip saddr . tcp dport; elements = { 1.1.1.1 . 22 } }
	set wide { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 1-100 } }
	map v { type inet_service : verdict; elements = { 1 : jump x, * : drop } }
	map o { type ipv4_addr : counter; elements = { 1.1.1.1 : "c" } }
	chain x { }
	chain f { type filter hook forward priority 0; tcp dport vmap @v; ip saddr { 1.2.3.4, 1.2.3.5 } accept; }
}
table ip t { set a { type ipv4_addr; }; }`

func program(t *testing.T) *bytecode.Program {
	t.Helper()
	f, diags := lang.Parse("rules.nft", []byte(rules), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{})
	diags.Append(more)
	if diags.HasErrors() {
		t.Fatal(diags.String())
	}
	return res.Program
}

// text is a change in short.
func text(c Change) string {
	keys := func(list []bytecode.Element) string {
		var out []string
		for _, e := range list {
			s := fmt.Sprintf("%x", e.Key)
			switch {
			case e.CatchAll:
				s = "*"
			case e.IntervalEnd:
				s += ")"
			case e.KeyEnd != nil:
				s += fmt.Sprintf("-%x", e.KeyEnd)
			}
			if e.HasTimeout {
				s += fmt.Sprintf(" timeout %d", e.Timeout)
			}
			if e.Chain+e.Object != "" {
				s += " " + e.Chain + e.Object
			}
			out = append(out, s)
		}
		slices.Sort(out)
		return strings.Join(out, ", ")
	}
	return fmt.Sprintf("%s %s %s: +[%s] -[%s] =%d", c.Family, c.Table, c.Set.Name, keys(c.Added), keys(c.Removed), len(c.Set.Elements))
}

func TestElements(t *testing.T) {
	for _, c := range []struct{ commands, want string }{
		{"add element inet t a { 2.2.2.2 timeout 90s, 2.2.2.3 }", "inet t a: +[02020202 timeout 90000, 02020203] -[] =4"},
		{"add element inet t a { 1.1.1.1 }", "inet t a: +[] -[] =2"},
		{"delete element inet t a { 1.1.1.1 }", "inet t a: +[] -[01010101 timeout 3600000] =1"},
		{"destroy element inet t a { 9.9.9.9 }", "inet t a: +[] -[] =2"},
		{"flush set inet t a", "inet t a: +[] -[01010101 timeout 3600000, 01010102] =0"},
		{"add element ip t a { 3.3.3.3 }", "ip t a: +[03030303] -[] =1"},
		{"add element t a { 3.3.3.3 }", "ip t a: +[03030303] -[] =1"},
		{"add element inet t v { 2 : accept, 3 : goto x }", "inet t v: +[0002, 0003 x] -[] =4"},
		{"delete element inet t v { * }", "inet t v: +[] -[*] =1"},
		{"add element inet t o { 2.2.2.2 : \"c\" }", "inet t o: +[02020202 c] -[] =2"},
		{"add element inet t pair { 2.2.2.2 . 80 }", "inet t pair: +[0202020200500000] -[] =2"},
		{"add element inet t a { 2.2.2.2 }; delete element inet t a { 2.2.2.2, 1.1.1.2 }; flush set ip t a",
			"inet t a: +[] -[01010102] =1; ip t a: +[] -[] =0"},
	} {
		changes, err := Elements(program(t), c.commands, Options{})
		if err != nil {
			t.Errorf("%s: %v", c.commands, err)
			continue
		}
		var got []string
		for _, x := range changes {
			got = append(got, text(x))
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.commands, strings.Join(got, "; "), c.want)
		}
	}
}

// TestKeepsState: what stays keeps its times, counters and comments.
func TestKeepsState(t *testing.T) {
	changes, err := Elements(program(t), "add element inet t a { 2.2.2.2 }", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range changes[0].Set.Elements {
		if e.Key[0] != 1 || e.Key[3] != 1 {
			continue
		}
		if c, ok := e.Exprs[0].(*bytecode.Counter); !ok || c.Packets != 7 || e.Expires != 30*60*1000 || e.Timeout != 3600*1000 {
			t.Errorf("the element has become %+v, %v", e, e.Exprs)
		}
		return
	}
	t.Error("the element is gone")
}

func TestIntervals(t *testing.T) {
	changes, err := Elements(program(t), "add element inet t p { 201-300, 443 }; add element inet t wide { 11.0.0.0/8 . 5 }", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(changes[1].Set.Elements); got != 2 || changes[1].Added[0].KeyEnd == nil {
		t.Errorf("wide has %d elements, added %+v", got, changes[1].Added)
	}
	var starts []string
	for _, e := range changes[0].Set.Elements {
		if !e.IntervalEnd {
			starts = append(starts, fmt.Sprintf("%x", e.Key))
		}
	}
	slices.Sort(starts)
	if got := strings.Join(starts, " "); got != "0050 0064 01bb" {
		t.Errorf("p begins at %s: 100-200 and 201-300 are not one", got)
	}
}

// TestRefused: each mistake is shown in the command, never in the text made of the
// ruleset.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ commands, want string }{
		{"add element inet t a { 1.1.1.300 }", "1.1.1.300"},
		{"add element inet t a { fe80::1 }", "^^^"},
		{"add element inet t b { 1.1.1.1 }", "No such file or directory"},
		{"add element inet u a { 1.1.1.1 }", "No such file or directory"},
		{"delete element inet t a { 9.9.9.9 }", "No such file or directory"},
		{"create element inet t a { 1.1.1.1 }", "File exists"},
		{"add element inet t p { 9-1 }", "Range has zero or negative size"},
		{"add element inet t v { 2 : jump nowhere }", "nowhere"},
		{"add element inet t a { 1.1.1.9", "syntax error"},
		{"add rule inet t f accept", "nfvm apply"},
		{"add set inet t z { type ipv4_addr; }", "nfvm apply"},
		{"flush ruleset", "nfvm apply"},
		{"flush table inet t", "nfvm apply"},
		{"", "no command"},
		{"add element inet t a { 1.1.1.9 }; add element inet t a { 1.1.1.300 }", "1.1.1.300"},
	} {
		_, err := Elements(program(t), c.commands, Options{})
		var mistakes *diag.List
		if !errors.As(err, &mistakes) {
			t.Errorf("%q: %v", c.commands, err)
			continue
		}
		if got := mistakes.String(); !strings.Contains(got, c.want) || strings.Contains(got, "<ruleset>") {
			t.Errorf("%q: got %s, want %q", c.commands, got, c.want)
		}
	}
}
