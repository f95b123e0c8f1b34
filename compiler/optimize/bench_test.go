package optimize_test

import (
	"fmt"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/compiler/optimize"
	"nfvm/lang"
)

// manyRules is a chain of n rules of a few shapes.
func manyRules(n int) string {
	var b strings.Builder
	b.WriteString("table inet t {\nchain c {\n")
	for i := range n {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "ip saddr 10.%d.%d.%d tcp dport %d accept\n", i>>16&255, i>>8&255, i&255, 1+i%60000)
		case 1:
			fmt.Fprintf(&b, "ip daddr 10.%d.%d.0/24 counter drop\n", i>>16&255, i>>8&255)
		case 2:
			fmt.Fprintf(&b, "udp dport %d-%d accept\n", 1+i%60000, 1+i%60000+i%7)
		case 3:
			fmt.Fprintf(&b, "ip6 saddr fd00::%x tcp dport { %d, %d } counter accept\n", i%65536, 1+i%500, 1000+i%500)
		}
	}
	b.WriteString("}\n}\n")
	return b.String()
}

// The cost of the passes beside that of compiling without them, both linear in
// the rules.
func BenchmarkPasses(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		src := []byte(manyRules(n))
		var p *bytecode.Program
		b.Run(fmt.Sprintf("rules=%d/compile", n), func(b *testing.B) {
			for b.Loop() {
				f, _ := lang.Parse("rules.nft", src, lang.Options{})
				res, list := compiler.Compile([]*lang.File{f}, compiler.Options{})
				if list.HasErrors() {
					b.Fatal(list.String())
				}
				p = res.Program
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/rule")
		})
		b.Run(fmt.Sprintf("rules=%d/passes", n), func(b *testing.B) {
			for b.Loop() {
				optimize.Run(p)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/rule")
		})
	}
}
