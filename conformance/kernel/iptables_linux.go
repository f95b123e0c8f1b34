package kernel

import (
	"fmt"
	"strings"

	"nfvm/conformance"
)

// restore loads saved rules, with the counters that they start from.
func restore(saved []conformance.Saved, variant conformance.Variant) error {
	for _, s := range saved {
		if _, err := run(s.Text, variant.Program(s, "restore"), "-c"); err != nil {
			return err
		}
	}
	return nil
}

// savedCounters reads what the rules have counted.
func savedCounters(saved []conformance.Saved, variant conformance.Variant) ([]string, error) {
	var counts []conformance.RuleCount
	for _, s := range saved {
		text, err := run("", variant.Program(s, "save"), "-c")
		if err != nil {
			return nil, err
		}
		table, number := "", map[string]int{}
		for l := range strings.Lines(text) {
			if name, ok := strings.CutPrefix(l, "*"); ok {
				table, number = strings.TrimSpace(name), map[string]int{}
			}
			c := conformance.RuleCount{Family: s.Family, Table: table}
			if n, _ := fmt.Sscanf(l, "[%d:%d] -A %s", &c.Packets, &c.Bytes, &c.Chain); n == 3 {
				number[c.Chain]++
				c.Number = number[c.Chain]
				counts = append(counts, c)
			}
		}
	}
	return conformance.CounterLines(counts), nil
}
