package gen

import (
	"fmt"
	"slices"
	"strings"
)

// NewSaved draws the rules of a scenario as iptables-save and ip6tables-save print
// them; its steps come from a Traffic.
func NewSaved(seed uint64) *Scenario {
	r := source{Rand: newRand(seed)}
	s := &Scenario{Comment: fmt.Sprintf("Found by the differential test with seed %d.", seed), Host: host + settings(r), Saved: true}
	for _, family := range []string{"ip", "ip6"} {
		if family == "ip6" && r.chance(40) {
			continue
		}
		for _, t := range savedTables {
			if r.chance(t.percent) {
				s.Tables = append(s.Tables, newSavedTable(r, family, t))
			}
		}
	}
	if len(s.Tables) == 0 {
		s.Tables = []Table{newSavedTable(r, "ip", savedTables[0])}
	}
	return s
}

// A savedTable is a table of iptables with its built-in chains.
type savedTable struct {
	name    string
	percent int
	chains  []string
}

var savedTables = []savedTable{
	{"filter", 80, []string{"INPUT", "FORWARD", "OUTPUT"}},
	{"nat", 60, []string{"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"}},
	{"mangle", 50, []string{"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}},
	{"raw", 25, []string{"PREROUTING", "OUTPUT"}},
	{"security", 10, []string{"INPUT", "FORWARD", "OUTPUT"}},
}

func newSavedTable(r source, family string, of savedTable) Table {
	t := Table{Family: family, Name: of.name}
	var own []string
	for i := range r.IntN(3) {
		p := &savedPlace{six: family == "ip6", table: of.name, jumps: slices.Clone(own)}
		own = append(own, fmt.Sprintf("own%d", i))
		t.Chains = append(t.Chains, Chain{Name: own[i], Head: "-", Rules: p.rules(r)})
	}
	for _, name := range of.chains {
		p := &savedPlace{six: family == "ip6", table: of.name, chain: name, jumps: own}
		c := Chain{Name: name, Head: "ACCEPT"}
		if of.name == "filter" && r.chance(8) {
			c.Head = "DROP"
		}
		if r.chance(75) {
			c.Rules = p.rules(r)
		}
		t.Chains = append(t.Chains, c)
	}
	return t
}

// savedText writes the tables of one family.
func savedText(tables []Table, family string) string {
	var b strings.Builder
	for i := range tables {
		t := &tables[i]
		if t.Family != family {
			continue
		}
		fmt.Fprintf(&b, "*%s\n", t.Name)
		for _, c := range t.Chains {
			fmt.Fprintf(&b, ":%s %s [0:0]\n", c.Name, c.Head)
		}
		for _, c := range t.Chains {
			for _, rule := range c.Rules {
				b.WriteString(strings.TrimSpace("-A "+c.Name+" "+rule) + "\n")
			}
		}
		b.WriteString("COMMIT\n")
	}
	return b.String()
}
