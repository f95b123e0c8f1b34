package engine

import (
	"slices"
	"strings"

	"nfvm/bytecode"
	"nfvm/conformance"
	"nfvm/lang/iptables"
	"nfvm/nf"
)

// loadSaved puts saved rules in force behind those that are.
func (m *machine) loadSaved(saved []conformance.Saved) error {
	if len(saved) == 0 {
		return nil
	}
	for _, s := range saved {
		file, diags := iptables.Parse("rules."+s.Tool(), []byte(s.Text), iptables.Options{Family: s.Family, Sources: m.sources})
		if diags.Err() != nil {
			return diags.Err()
		}
		m.files = append(m.files, file)
	}
	m.saved = saved
	return m.renew()
}

// takeSaved takes the tables of saved rules out of a program, and gives what
// their rules have counted.
func (m *machine) takeSaved(p *bytecode.Program) []string {
	var counts []conformance.RuleCount
	isSaved := func(t *bytecode.Table) bool {
		return slices.Contains(conformance.Tables, t.Name) &&
			slices.ContainsFunc(m.saved, func(s conformance.Saved) bool { return s.Family == t.Family })
	}
	p.Tables = slices.DeleteFunc(p.Tables, func(t *bytecode.Table) bool {
		if isSaved(t) {
			counts = append(counts, m.tableCounts(t)...)
		}
		return isSaved(t)
	})
	return conformance.CounterLines(counts)
}

func (m *machine) tableCounts(t *bytecode.Table) []conformance.RuleCount {
	var out []conformance.RuleCount
	for _, ch := range t.Chains {
		rules := ch.Rules
		if ch.Base == nil && m.hasPolicy(t.Family, ch.Name) {
			rules = rules[:len(rules)-1] // which is the policy
		}
		for i, r := range rules {
			for _, e := range r.Exprs {
				if c, ok := e.(*bytecode.Counter); ok {
					out = append(out, conformance.RuleCount{Family: t.Family, Table: t.Name, Chain: ch.Name,
						Number: i + 1, Packets: c.Packets, Bytes: c.Bytes})
					break
				}
			}
		}
	}
	return out
}

// hasPolicy reports whether saved rules give a chain of the user a policy, as
// those of ebtables may.
func (m *machine) hasPolicy(f nf.Family, chain string) bool {
	return slices.ContainsFunc(m.saved, func(s conformance.Saved) bool {
		return s.Family == f && (strings.Contains(s.Text, ":"+chain+" DROP\n") || strings.Contains(s.Text, ":"+chain+" ACCEPT\n"))
	})
}
