package compiler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/lang"
)

// TestElementRuns: commands that add to several sets in turns take no more than linear
// work, and give the program that they give one by one.
func TestElementRuns(t *testing.T) {
	compile := func(n int, deletes, consume bool) []byte {
		var b strings.Builder
		b.WriteString("table ip t {\nset a { type ipv4_addr; flags interval; }\nset b { type ipv4_addr; flags interval; }\n}\n")
		for i := range n {
			fmt.Fprintf(&b, "add element ip t %c { 10.%d.%d.0/24 }\n", "ab"[i&1], i>>8, i&255)
			if deletes && i%7 == 6 {
				fmt.Fprintf(&b, "delete element ip t %c { 10.%d.%d.0/24 }\n", "ab"[i&1], i>>8, i&255)
			}
		}
		f, list := lang.Parse("in.nft", []byte(b.String()), lang.Options{})
		res, more := compiler.Compile([]*lang.File{f}, compiler.Options{Consume: consume})
		list.Append(more)
		if err := list.Err(); err != nil {
			t.Fatal(err)
		}
		data, err := bytecode.Encode(res.Program)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if string(compile(500, true, false)) != string(compile(500, true, true)) {
		t.Error("the program depends on what is evaluated together")
	}
	start := time.Now()
	compile(20000, false, true)
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("20,000 commands took %v", d)
	}
}
