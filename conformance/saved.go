package conformance

import (
	"fmt"
	"sort"
	"strings"

	"nfvm/nf"
)

// Saved is a ruleset as iptables-save, ip6tables-save, arptables-save or
// ebtables-save prints it.
type Saved struct {
	Family nf.Family
	Text   string
}

// savedFamilies are those that have a tool, in the order in which rules are
// loaded.
var savedFamilies = []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6, nf.FamilyARP, nf.FamilyBridge}

// Tool is the program whose rules these are.
func (s Saved) Tool() string {
	switch s.Family {
	case nf.FamilyIPv6:
		return "ip6tables"
	case nf.FamilyARP:
		return "arptables"
	case nf.FamilyBridge:
		return "ebtables"
	}
	return "iptables"
}

// A Variant of iptables loads saved rules into the kernel. The goldens are those
// of the legacy one, whose matches and targets the rules were written for.
type Variant string

// The variants.
const (
	Legacy  Variant = "" // iptables-legacy: the kernel's own tables of iptables
	OverNft Variant = "nft"
)

// Program names the variant's command for rules: action is "restore" or "save".
// Of ebtables there is only the one over nft: kernels leave out the tables of the
// other. That of arptables has a command for single rules only, which its script
// for saved ones looks for in vain.
func (v Variant) Program(s Saved, action string) string {
	switch {
	case v == Legacy && s.Family == nf.FamilyARP:
		return "arptables-legacy"
	case v == Legacy && s.Family == nf.FamilyBridge:
		v = OverNft
	case v == Legacy:
		v = "legacy"
	}
	return s.Tool() + "-" + string(v) + "-" + action
}

func savedRules(section map[string]string) []Saved {
	var out []Saved
	for _, f := range savedFamilies {
		s := Saved{Family: f}
		if s.Text = section["rules."+s.Tool()]; s.Text != "" {
			out = append(out, s)
		}
	}
	return out
}

// Tables are the names of the tables that saved rules fill.
var Tables = []string{"filter", "mangle", "nat", "raw", "security", "broute"}

// A RuleCount is what a rule has counted: Number is its place in the chain,
// from 1.
type RuleCount struct {
	Family         nf.Family
	Table, Chain   string
	Number         int
	Packets, Bytes uint64
}

// CounterLines writes counts as the lines of want/counters. Rules that have
// counted nothing are left out, and bytes of ARP: arptables counts those that an
// ARP packet needs, nft those of the frame.
func CounterLines(counts []RuleCount) []string {
	sort.SliceStable(counts, func(i, j int) bool {
		a, b := counts[i], counts[j]
		if a.Family != b.Family {
			return a.Family < b.Family
		}
		if c := strings.Compare(a.Table+"\x00"+a.Chain, b.Table+"\x00"+b.Chain); c != 0 {
			return c < 0
		}
		return a.Number < b.Number
	})
	var out []string
	for _, c := range counts {
		if c.Packets == 0 {
			continue
		}
		line := fmt.Sprintf("%s %s %s rule %d: packets %d", c.Family, c.Table, c.Chain, c.Number, c.Packets)
		if c.Family != nf.FamilyARP {
			line += fmt.Sprintf(" bytes %d", c.Bytes)
		}
		out = append(out, line)
	}
	return out
}
