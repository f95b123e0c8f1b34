package lang

import (
	"fmt"
	"strings"
	"testing"
)

// manyRules gives a table with n typical rules.
func manyRules(n int) string {
	var b strings.Builder
	b.WriteString("table inet t {\n\tchain c {\n\t\ttype filter hook input priority filter; policy accept;\n")
	for i := range n {
		fmt.Fprintf(&b, "\t\tip saddr 10.%d.%d.%d tcp dport %d counter accept\n", i>>16&255, i>>8&255, i&255, i%65535+1)
	}
	b.WriteString("\t}\n}\n")
	return b.String()
}

// manyElements gives a set with n addresses.
func manyElements(n int) string {
	var b strings.Builder
	b.WriteString("table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t\telements = {\n")
	for i := range n {
		fmt.Fprintf(&b, "\t\t\t10.%d.%d.%d,\n", i>>16&255, i>>8&255, i&255)
	}
	b.WriteString("\t\t}\n\t}\n}\n")
	return b.String()
}

func benchParse(b *testing.B, text string) {
	src := []byte(text)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, d := Parse("bench", src, Options{}); d.HasErrors() {
			b.Fatal(d.String())
		}
	}
}

func BenchmarkParseRules100k(b *testing.B)    { benchParse(b, manyRules(100_000)) }
func BenchmarkParseElements1M(b *testing.B)   { benchParse(b, manyElements(1_000_000)) }
func BenchmarkParseBaseChains1k(b *testing.B) { benchParse(b, manyChains(1000)) }

// manyChains gives a table with n base chains, which participle parses.
func manyChains(n int) string {
	var b strings.Builder
	b.WriteString("table inet t {\n")
	for i := range n {
		fmt.Fprintf(&b, "\tchain c%d {\n\t\ttype filter hook input priority filter + %d; policy drop;\n\t}\n", i, i)
	}
	b.WriteString("}\n")
	return b.String()
}
