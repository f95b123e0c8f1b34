package compiler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
)

// lines joins what f gives for 0 to n-1, one a line.
func lines(n int, f func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(f(i))
		b.WriteByte('\n')
	}
	return b.String()
}

func addr(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255) }

// TestLinear compiles inputs that are slow for an algorithm whose time grows
// faster than the input: such a one needs minutes for them, not a second. On a busy
// machine, and with the race detector, all takes longer: so does a plain input.
func TestLinear(t *testing.T) {
	const n = 20000
	start := time.Now()
	compileAll("add table ip t\nadd chain ip t c\n" + lines(n*4, func(int) string { return "add rule ip t c counter" }))
	limit := max(30*time.Second, 60*time.Since(start))
	head := "add table ip t\nadd chain ip t c\nadd rule ip t c accept\nadd set ip t s { type ipv4_addr; }\n" +
		"add set ip t b { type ipv4_addr . inet_service; flags interval; }\n"
	for _, c := range []struct {
		name, text string
		errors     int
	}{
		{"insert", head + lines(n*4, func(int) string { return "insert rule ip t c counter" }), 0},
		{"index", head + lines(n*4, func(int) string { return "add rule ip t c index 0 counter" }), 0},
		{"delete", head + lines(n, func(i int) string { return "add element ip t s { " + addr(i) + " }" }) +
			lines(n, func(i int) string { return "delete element ip t s { " + addr(i) + " }" }), 0},
		{"boxes one by one", head + lines(n, func(i int) string {
			return fmt.Sprintf("add element ip t b { %s . 1-%d }", addr(i), 5+i)
		}), 0},
		{"renames", "add table ip t\n" + lines(n, func(i int) string { return fmt.Sprintf("add chain ip t a%d", i) }) + "add chain ip t c\n" +
			lines(n, func(i int) string { return fmt.Sprintf("add rule ip t c tcp dport vmap { 1 : jump a%d, 2 : drop }", i) }) +
			lines(n, func(i int) string { return fmt.Sprintf("rename chain ip t a%d b%d", i, i) }), 0},
		{"handles", head + lines(n*4, func(int) string { return "add rule ip t c counter" }) +
			lines(n*4, func(i int) string { return fmt.Sprintf("insert rule ip t c handle %d counter", 5+i*7919%(n*4)) }) +
			lines(n*4, func(i int) string { return fmt.Sprintf("delete rule ip t c handle %d", n*4+4-i) }), 0},
		{"devices", "add table netdev t\n" + lines(n*4, func(i int) string {
			return fmt.Sprintf("add chain netdev t c { type filter hook ingress device d%d priority 0; }", i)
		}), 0},
		{"flushes", "add table ip t\n" + lines(n*4, func(i int) string { return fmt.Sprintf("add chain ip t a%d", i) }) +
			lines(n*4, func(int) string { return "flush table ip t\nflush ruleset arp" }), 0},
		{"nested boxes", head + "add element ip t b {" + lines(n, func(i int) string {
			return fmt.Sprintf("%s-11.255.0.0 . %d,", addr(i), i)
		}) + "}", 0},
		{"map of all chains", "table ip t {\n" + lines(4000, func(i int) string { return fmt.Sprintf("chain a%d { }", i) }) +
			"map m { type ipv4_addr : verdict; elements = {" + lines(4000, func(i int) string { return fmt.Sprintf("%s : jump a%d,", addr(i), i) }) + "}\n}\n" +
			lines(4000, func(i int) string {
				return fmt.Sprintf("chain b%d { type filter hook input priority %d\nip saddr vmap @m\n}", i, i)
			}) + "}\n", 0},
		{"deep calls", "table ip t {\nchain b { type filter hook input priority 0\njump c0\n}\n" + lines(n, func(i int) string {
			return fmt.Sprintf("chain c%d { jump c%d; jump c%d; }", i, min(i+1, n-1), min(i+2, n-1))
		}) + "}\n", 1},
		{"unknown tables", lines(n, func(i int) string { return fmt.Sprintf("add table ip tab%d", i) }) +
			lines(n, func(i int) string { return fmt.Sprintf("add chain ip tba%d c", i) }), n},
		{"unknown variables", lines(n, func(i int) string { return fmt.Sprintf("define var%d = 1", i) }) +
			"table ip t { chain c {\n" + lines(n, func(i int) string { return fmt.Sprintf("tcp dport $vra%d", i) }) + "}\n}\n", n},
		{"doubling definitions", "define v0 = { 1.2.3.4 }\n" + lines(40, func(i int) string {
			return fmt.Sprintf("define v%d = { $v%d, $v%d }", i+1, i, i)
		}) + "table ip t { chain c { ip saddr $v40 accept; }\n}\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			list := compileAll(c.text)
			if len(list.Items) != c.errors {
				t.Errorf("%d diagnostics, not %d; the first: %.300s", len(list.Items), c.errors, list.String())
			}
			if d := time.Since(start); d > limit {
				t.Errorf("it took %v, the limit is %v", d, limit)
			}
		})
	}
}

func compileAll(text string) diag.List {
	f, list := lang.Parse("in.nft", []byte(text), lang.Options{})
	_, more := compiler.Compile([]*lang.File{f}, compiler.Options{})
	list.Append(more)
	return list
}

// TestLongChainOfDefinitions follows variables that stand for variables.
func TestLongChainOfDefinitions(t *testing.T) {
	text := "define v0 = 22\n" + lines(1000, func(i int) string { return fmt.Sprintf("define v%d = $v%d", i+1, i) }) +
		"table ip t { chain c { tcp dport $v1000 accept; }\n}\n"
	f, list := lang.Parse("in.nft", []byte(text), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{})
	list.Append(more)
	if len(list.Items) > 0 || len(res.Program.Tables[0].Chains[0].Rules) != 1 {
		t.Errorf("%s", list.String())
	}
}
