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
		_ = listing.Commands(&b, &bytecode.Program{Tables: []*bytecode.Table{t}}, nil, opt) // a Builder takes everything
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
