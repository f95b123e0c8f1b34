//go:build linux

package daemon

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"nfvm/bytecode"
	"nfvm/listing"
)

// rulesChanged tells who watches the ruleset how one program became another, in
// commands as nft monitor prints them.
func (ev *events) rulesChanged(before, after *bytecode.Program) {
	generation := ev.nextGeneration()
	if !ev.watched(topicRuleset) {
		return
	}
	var b strings.Builder
	opt := &listing.Options{Stateless: true}
	was := tableTexts(before, opt)
	for _, t := range listing.Tables(after) {
		name := t.Family.String() + " " + t.Name
		old, known := was[name]
		delete(was, name)
		if known && old == tableText(t, opt) {
			continue
		}
		if known {
			fmt.Fprintf(&b, "delete table %s\n", name)
		}
		addTable(&b, t, opt)
	}
	for _, t := range listing.Tables(before) {
		if name := t.Family.String() + " " + t.Name; was[name] != "" {
			fmt.Fprintf(&b, "delete table %s\n", name)
		}
	}
	ev.send(topicRuleset, func() any { return b.String() + generation })
}

// elementsChanged tells who watches the ruleset of elements that came or went.
func (ev *events) elementsChanged(command string) {
	text := strings.TrimSpace(command) + "\n" + ev.nextGeneration()
	ev.send(topicRuleset, func() any { return text })
}

// nextGeneration counts a change; changes come one at a time.
func (ev *events) nextGeneration() string {
	ev.generation++
	return fmt.Sprintf("# new generation %d by process %d (nfvm)", ev.generation, os.Getpid())
}

func tableTexts(p *bytecode.Program, opt *listing.Options) map[string]string {
	texts := map[string]string{}
	for _, t := range listing.Tables(p) {
		texts[t.Family.String()+" "+t.Name] = tableText(t, opt)
	}
	return texts
}

func tableText(t *bytecode.Table, opt *listing.Options) string {
	var b bytes.Buffer
	_ = listing.Ruleset(&b, &bytecode.Program{Tables: []*bytecode.Table{t}}, opt) // a Buffer takes everything
	return b.String()
}

// addTable writes the commands that make a table.
func addTable(b *strings.Builder, t *bytecode.Table, opt *listing.Options) {
	name := t.Family.String() + " " + t.Name
	fmt.Fprintf(b, "add table %s\n", name)
	p := &bytecode.Program{Tables: []*bytecode.Table{t}}
	for _, kind := range []string{"counter", "quota", "limit", "set", "map", "chain"} {
		var list bytes.Buffer
		_ = listing.List(&list, p, listing.Query{What: kind + "s"}, opt)
		for _, block := range blocks(list.String()) {
			fmt.Fprintf(b, "add %s %s %s\n", kind, name, strings.TrimPrefix(block, kind+" "))
		}
	}
	for _, c := range t.Chains {
		for _, r := range c.Rules {
			if !strings.HasPrefix(c.Name, "__") {
				fmt.Fprintf(b, "add rule %s %s %s\n", name, c.Name, listing.Rule(t, c, r, opt))
			}
		}
	}
}

// blocks gives the things that a table's listing holds, each in one line.
func blocks(list string) (out []string) {
	var words []string
	for line := range strings.Lines(list) {
		switch depth := len(line) - len(strings.TrimLeft(line, "\t")); {
		case depth == 0:
			continue
		case strings.TrimSpace(line) == "}" && depth == 1:
			text := strings.Join(words, " ")
			if len(words) == 1 { // without a body
				text = strings.TrimSuffix(text, " {")
			} else {
				text += " }"
			}
			out, words = append(out, text), nil
		default:
			words = append(words, statement(line, len(words) > 0))
		}
	}
	return out
}

// statement ends a line of a body as one that others follow.
func statement(line string, body bool) string {
	s := strings.TrimSpace(line)
	if body && !strings.HasSuffix(s, ";") && !strings.HasSuffix(s, ",") && !strings.HasSuffix(s, "{") {
		s += ";"
	}
	return s
}
