package compiler_test

import (
	"bytes"
	"fmt"
	"testing"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/lang"
)

// TestAddresses: an address means the same whether it is written where an element
// stands or behind a variable, which is evaluated another way.
func TestAddresses(t *testing.T) {
	elements := func(typ, written string) []bytecode.Element {
		text := fmt.Sprintf("define a = %s\ntable ip t {\nset s {\ntype %s\nelements = { %%s }\n}\n}\n", written, typ)
		var out [2][]bytecode.Element
		for i, e := range []string{written, "$a"} {
			f, list := lang.Parse("in.nft", fmt.Appendf(nil, text, e), lang.Options{})
			res, more := compiler.Compile([]*lang.File{f}, compiler.Options{})
			list.Append(more)
			if res == nil {
				continue
			}
			out[i] = res.Program.Tables[0].Sets[0].Elements
		}
		if len(out[0]) != len(out[1]) {
			t.Fatalf("%s in a set of %s: %d elements, and %d", written, typ, len(out[0]), len(out[1]))
		}
		for i := range out[0] {
			if a, b := out[0][i], out[1][i]; !bytes.Equal(a.Key, b.Key) || a.IntervalEnd != b.IntervalEnd {
				t.Errorf("%s in a set of %s: %x, and %x", written, typ, a.Key, b.Key)
			}
		}
		return out[0]
	}
	for _, c := range []struct {
		typ, written string
		n            int // elements, 0: it is a mistake
	}{
		{"ipv4_addr", "1.2.3.4", 1},
		{"ipv4_addr", "1.2.3.4/24", 0},
		{"ipv4_addr", "1.2.3.256", 0},
		{"ipv4_addr; flags interval", "1.2.3.4", 3},
		{"ipv4_addr; flags interval", "1.2.3.4/24", 3},
		{"ipv4_addr; flags interval", "1.2.3.4/0", 1},
		{"ipv4_addr; flags interval", "255.2.3.4/1", 2},
		{"ipv4_addr; flags interval", "1.2.3.4/33", 0},
		{"ipv4_addr; flags interval", "::1", 0},
		{"ipv6_addr", "2001:db8::5", 1},
		{"ipv6_addr; flags interval", "2001:db8::5/33", 3},
		{"ipv6_addr; flags interval", "::ffff:1.2.3.4/128", 3},
		{"ipv6_addr", "1.2.3.4", 0},
	} {
		if got := elements(c.typ, c.written); len(got) != c.n {
			t.Errorf("%s in a set of %s: %d elements, not %d", c.written, c.typ, len(got), c.n)
		}
	}
}
