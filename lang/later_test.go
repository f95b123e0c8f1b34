package lang

import (
	"fmt"
	"strings"
	"testing"
)

// mostlyLater is a text of rules of which most can be parsed later.
func mostlyLater(n int) string {
	var b strings.Builder
	b.WriteString("define lan = 10.0.0.0/8\ntable inet t {\n chain c {\n  type filter hook input priority 0; policy drop;\n")
	for i := range n {
		switch i % 9 {
		case 0:
			fmt.Fprintf(&b, "tcp dport {\n %d,\n 22\n} accept\n", i)
		case 1:
			fmt.Fprintf(&b, "ip saddr $lan udp dport %d accept; counter\n", i)
		case 2:
			fmt.Fprintf(&b, "jump {\n tcp dport %d drop\n return; }\n", i)
		case 3:
			fmt.Fprintf(&b, "iifname \"eth%d\" log prefix \"x; }\" \\\n accept comment \"y\" # why\n\n;", i)
		case 4:
			if i%100 == 0 {
				fmt.Fprintf(&b, "redefine lan = 10.%d.0.0/16\n", i%256)
			}
		default:
			fmt.Fprintf(&b, "ip saddr vmap { 10.0.%d.%d : accept, 10.0.0.2 : jump d }\n", i/256%256, i%256)
		}
	}
	b.WriteString(" }\n chain d { type filter hook output priority 0; counter;}\n}\n")
	for i := range n {
		if i%50 == 0 {
			b.WriteString("add chain inet t x; add rule inet t x index 0 accept\n")
		}
		fmt.Fprintf(&b, "add rule inet t d tcp sport { %d, 7 } return\n", i)
	}
	b.WriteString("add rule inet t d drop")
	return b.String()
}

// whole replaces what was left for later by what it stands for, and counts it.
func whole(t *testing.T, f *File) (later int) {
	rules := func(in []*Rule) (out []*Rule) {
		for _, r := range in {
			if r.Later == nil {
				out = append(out, r)
				continue
			}
			list, diags := r.Later.Rules()
			if len(diags.Items) > 0 {
				t.Fatal(diags.String())
			}
			later += len(list)
			out = append(out, list...)
		}
		return out
	}
	var commands []Command
	for _, c := range f.Commands {
		switch c := c.(type) {
		case *TableCmd:
			for _, it := range c.Body.Items {
				if ch, ok := it.(*Chain); ok {
					ch.Rules = rules(ch.Rules)
				}
			}
		case *RuleCmd:
			for _, r := range rules([]*Rule{c.Rule}) {
				one := *c
				one.Rule = r
				commands = append(commands, &one)
			}
			continue
		}
		commands = append(commands, c)
	}
	f.Commands = commands
	return later
}

// Rules that are parsed later are those parsed at once, in the same places.
func TestLater(t *testing.T) {
	src := []byte(mostlyLater(2000))
	now, list := Parse("x.nft", src, Options{})
	if list.HasErrors() || now.Later {
		t.Fatal(list.String())
	}
	later, _ := Parse("x.nft", src, Options{Later: true})
	if n := whole(t, later); !later.Later || n < 2500 {
		t.Errorf("only %d rules were left for later", n)
	}
	if dump(now.Commands) != dump(later.Commands) {
		t.Error("the trees differ")
	}
	spans := func(f *File) (out []Span) {
		for _, c := range f.Commands {
			if b, ok := c.(*RuleCmd); ok {
				out = append(out, b.Rule.Span, b.Rule.Stmts[0].At())
			}
		}
		return out
	}
	if fmt.Sprint(spans(now)) != fmt.Sprint(spans(later)) {
		t.Error("the places differ")
	}
}

// Mistakes in what is parsed later are found; a small text is parsed at once.
func TestLaterMistakes(t *testing.T) {
	good := mostlyLater(2000)
	bad := strings.Replace(good, "tcp sport { 777,", "tcp sport sport { 777,", 1)
	f, list := Parse("x.nft", []byte(bad), Options{Later: true})
	found := list.HasErrors()
	for _, c := range f.Commands {
		if b, ok := c.(*RuleCmd); ok && b.Rule.Later != nil {
			_, list := b.Rule.Later.Rules()
			found = found || list.HasErrors()
		}
	}
	if !f.Later || !found {
		t.Error("the mistake is not found")
	}
	if f, _ = Parse("x.nft", []byte(mostlyLater(20)), Options{Later: true}); f.Later {
		t.Error("a small text is not parsed at once")
	}
}
