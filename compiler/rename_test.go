package compiler_test

import (
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/lang"
	"nfvm/listing"
)

// TestRenameTargets: what jumped to a chain follows it to its new name, also
// where another chain takes the old one.
func TestRenameTargets(t *testing.T) {
	const tables = "add table ip t\nadd chain ip t a\nadd chain ip t b\nadd chain ip t c\n"
	const maps = "add map ip t m { type mark : verdict; }\nadd map ip t i { type ipv4_addr : verdict; flags interval; }\n"
	rules := func(to string) string {
		return "add rule ip t c ip daddr vmap { 1.0.0.0/24 : jump " + to + ", 2.0.0.0-3.0.0.0 : drop }\n" +
			"add rule ip t c tcp dport vmap { 3 : goto " + to + ", 1 : accept, 3 : goto " + to + " }\n" +
			"add rule ip t c mark vmap { 1 : jump b, 2 : jump " + to + " }\n" +
			"add rule ip t c jump " + to + "\nadd rule ip t c mark vmap @m\nadd rule ip t c ip saddr vmap @i\n"
	}
	elements := func(mark, addr, to string) string {
		return "add element ip t m { " + mark + " : jump " + to + " }\nadd element ip t i { " + addr + " : goto " + to + " }\n"
	}
	renamed := tables + maps + rules("a") + elements("1", "1.0.0.0/8", "a") +
		"rename chain ip t a x\nrename chain ip t x y\nadd chain ip t a\n" +
		rules("a") + elements("2", "2.0.0.0/8", "a") + "delete element ip t m { 1 : jump y }\n" + elements("1", "3.0.0.0/8", "y")
	plain := "add table ip t\nadd chain ip t y\nadd chain ip t b\nadd chain ip t c\n" + maps +
		rules("y") + elements("1", "1.0.0.0/8", "y") + "add chain ip t a\n" +
		rules("a") + elements("2", "2.0.0.0/8", "a") + "delete element ip t m { 1 : jump y }\n" + elements("1", "3.0.0.0/8", "y")
	for _, consume := range []bool{false, true} {
		got, want := programText(t, renamed, consume), programText(t, plain, consume)
		if got != want {
			t.Errorf("consume %v: the renamed chains give\n%s\nand with the names written\n%s", consume, got, want)
		}
	}
}

// programText compiles a text and lists what was encoded.
func programText(t *testing.T, src string, consume bool) string {
	t.Helper()
	f, list := lang.Parse("in.nft", []byte(src), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{Consume: consume})
	if list.Append(more); list.HasErrors() {
		t.Fatal(list.String())
	}
	data, err := bytecode.Encode(res.Program)
	if err != nil {
		t.Fatal(err)
	}
	prog, err := bytecode.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := listing.Ruleset(&b, prog, &listing.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
