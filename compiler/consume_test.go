package compiler

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/lang"
)

// large is a ruleset with sets of every form that has a source; keys come in
// no order, and some come twice.
func large() string {
	var b strings.Builder
	list := func(head string, elem func(i int) string) {
		fmt.Fprintf(&b, "%s; elements = {\n", head)
		for i := range manyElements + 10 {
			b.WriteString(elem(i * 7919 % (manyElements + 5)))
			b.WriteString(",\n")
		}
		b.WriteString("} }\n")
	}
	b.WriteString("define two = { 192.0.2.1, 192.0.2.2 }\ntable inet t {\nchain d {\n counter\n }\n")
	addr := func(i int) string { return fmt.Sprintf("10.%d.%d.1", i>>8, i&255) }
	list("set plain { type ipv4_addr", addr)
	list("set prefixes { type ipv4_addr; flags interval", func(i int) string { return addr(i)[:len(addr(i))-1] + "0/25" })
	list("set ranges { type ipv4_addr; flags interval; auto-merge", func(i int) string { return addr(i) + "-" + addr(i+1) })
	list("map verdicts { type ipv4_addr : verdict", func(i int) string { return addr(i) + " : jump d" })
	list("map most { type ipv4_addr : verdict; flags interval", func(i int) string {
		if i == 9 {
			return "* : drop"
		}
		return addr(i) + " : accept"
	})
	list("set pairs { type ipv4_addr . inet_service", func(i int) string { return addr(i) + " . 80" })
	list("set counted { type ipv4_addr; counter", addr)
	b.WriteString("set small { type ipv4_addr; elements = $two }\nset again { type ipv4_addr; elements = $two }\n")
	b.WriteString("chain c { ip saddr @plain tcp dport { 22, 80-90 } ip daddr $two accept\n ip saddr vmap @most\n }\n}\n")
	b.WriteString("delete element inet t plain { 10.0.7.1 }\nadd element inet t plain { 192.0.2.9 }\n" +
		"delete element inet t prefixes { 10.0.7.0/25 }\nget element inet t ranges { 10.0.9.1 }\n")
	return b.String()
}

// TestConsume fails when taking the input apart changes the program.
func TestConsume(t *testing.T) {
	compile := func(consume bool) []byte {
		f, list := lang.Parse("x.nft", []byte(large()), lang.Options{})
		if list.HasErrors() {
			t.Fatal(list.String())
		}
		res, list := Compile([]*lang.File{f}, Options{Level: 1, Consume: consume})
		if list.HasErrors() {
			t.Fatal(list.String())
		}
		data, err := bytecode.Encode(res.Program)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(t.TempDir(), "rules.bin")
		out, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		if err := bytecode.Write(out, res.Program); err != nil {
			t.Fatal(err)
		}
		if written, err := os.ReadFile(name); err != nil || !bytes.Equal(written, data) {
			t.Errorf("Write gives %d bytes that differ from Encode's %d (%v)", len(written), len(data), err)
		}
		return data
	}
	if !bytes.Equal(compile(false), compile(true)) {
		t.Error("a program that consumed its input differs")
	}
}
