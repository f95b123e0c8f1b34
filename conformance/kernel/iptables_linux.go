package kernel

import (
	"fmt"
	"strings"

	"nfvm/conformance"
	"nfvm/nf"
)

// restore loads saved rules, with the counters that they start from where the
// tool takes them.
func restore(saved []conformance.Saved, variant conformance.Variant) error {
	for _, s := range saved {
		var err error
		switch {
		case s.Family == nf.FamilyARP && variant == conformance.Legacy:
			err = restoreARP(s, variant.Program(s, "restore"))
		case s.Family == nf.FamilyARP || s.Family == nf.FamilyBridge:
			_, err = run(s.Text, variant.Program(s, "restore"))
		default:
			_, err = run(s.Text, variant.Program(s, "restore"), "-c")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// savedCounters reads what the rules have counted.
func savedCounters(saved []conformance.Saved, variant conformance.Variant) ([]string, error) {
	var counts []conformance.RuleCount
	for _, s := range saved {
		if s.Family == nf.FamilyARP && variant == conformance.Legacy {
			text, err := run("", variant.Program(s, "save"), "-vnxL")
			if err != nil {
				return nil, err
			}
			counts = append(counts, countsARP(text)...)
			continue
		}
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

// restoreARP loads rules of arptables-save line by line.
func restoreARP(s conformance.Saved, program string) error {
	for l := range strings.Lines(s.Text) {
		w := strings.Fields(l)
		if len(w) == 0 {
			continue
		}
		if chain, ok := strings.CutPrefix(w[0], ":"); ok && len(w) > 1 {
			if w = []string{"-P", chain, w[1]}; w[2] == "-" {
				w = []string{"-N", chain}
			}
		}
		if w[0][0] != '-' {
			continue
		}
		if _, err := run("", program, w...); err != nil {
			return err
		}
	}
	return nil
}

// countsARP reads what arptables -vnxL lists.
func countsARP(text string) []conformance.RuleCount {
	var counts []conformance.RuleCount
	chain, number := "", 0
	for l := range strings.Lines(text) {
		if w := strings.Fields(l); len(w) > 1 && w[0] == "Chain" {
			chain, number = w[1], 0
		}
		c := conformance.RuleCount{Family: nf.FamilyARP, Table: "filter", Chain: chain}
		if _, tail, ok := strings.Cut(l, ", pcnt="); ok {
			number++
			c.Number = number
			if n, _ := fmt.Sscanf(tail, "%d -- bcnt=%d", &c.Packets, &c.Bytes); n == 2 {
				counts = append(counts, c)
			}
		}
	}
	return counts
}
