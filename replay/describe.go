package replay

import (
	"fmt"
	"strings"

	"nfvm/bytecode"
	"nfvm/listing"
	"nfvm/netfilter"
)

// A Namer describes decisions in the words of a ruleset.
type Namer struct {
	Files []string // of the program
	// Rule gives the text of a rule as nft lists it.
	Rule func(t *bytecode.Table, c *bytecode.Chain, r *bytecode.Rule) string

	lines map[decider]string
}

// Where gives a source position as file:line, empty if it is unknown.
func (n *Namer) Where(p bytecode.Pos) string {
	if p.Line == 0 || int(p.File) >= len(n.Files) {
		return ""
	}
	return fmt.Sprintf("%s:%d", n.Files[p.File], p.Line)
}

// Chain gives "family table chain".
func (n *Namer) Chain(d *netfilter.Decision) string {
	return fmt.Sprintf("%s %s %s", d.Table.Family, d.Table.Name, d.Chain.Name)
}

// Text gives the rule that decided, or "policy drop".
func (n *Namer) Text(d *netfilter.Decision) string {
	if d.Rule == nil {
		return "policy " + d.Verdict.String()
	}
	return n.Rule(d.Table, d.Chain, d.Rule)
}

// Position gives file:line of the rule that decided, or of the chain whose
// policy did.
func (n *Namer) Position(d *netfilter.Decision) string {
	if d.Rule == nil {
		return n.Where(d.Chain.Pos)
	}
	return n.Where(d.Rule.Pos)
}

// Line describes a decision in one line, empty if there is none.
func (n *Namer) Line(d *netfilter.Decision) string {
	if d.Chain == nil {
		return ""
	}
	k := decider{d.Table, d.Chain, d.Rule, d.Verdict}
	s, known := n.lines[k]
	if !known {
		if n.lines == nil {
			n.lines = map[decider]string{}
		}
		s = n.line(d)
		n.lines[k] = s
	}
	return s
}

func (n *Namer) line(d *netfilter.Decision) string {
	s := fmt.Sprintf("%s, %s", n.Chain(d), n.Text(d))
	if d.Rule != nil {
		s = fmt.Sprintf("%s, handle %d: %s", n.Chain(d), d.Rule.Handle, n.Text(d))
	}
	if pos := n.Position(d); pos != "" {
		s += " (" + pos + ")"
	}
	return s
}

// RuleText gives rules as nft lists them, without the state of counters, and those
// of iptables as they were written.
func RuleText(opt listing.Options) func(*bytecode.Table, *bytecode.Chain, *bytecode.Rule) string {
	opt.Stateless = true
	known := map[*bytecode.Rule]string{}
	return func(t *bytecode.Table, c *bytecode.Chain, r *bytecode.Rule) string {
		text, ok := known[r]
		if !ok {
			if text = listing.Rule(t, c, r, &opt); strings.HasPrefix(r.Text, "-") {
				text = r.Text
			}
			known[r] = text
		}
		return text
	}
}
