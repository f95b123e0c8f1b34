//go:build linux

package daemon

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"nfvm/bytecode"
	"nfvm/listing"
	"nfvm/vm"
)

// rulesChanged tells who watches the ruleset how one program became another, in
// commands as nft monitor prints them.
func (ev *events) rulesChanged(before, after *bytecode.Program) {
	generation := ev.nextGeneration()
	if !ev.watched(topicRuleset) {
		return
	}
	var b, added strings.Builder
	opt := &listing.Options{Stateless: true}
	was, changed := tableTexts(before, opt), map[string]bool{}
	for _, t := range listing.Tables(after) {
		name := t.Family.String() + " " + t.Name
		old, known := was[name]
		delete(was, name)
		if known && old == tableText(t, opt) {
			continue
		}
		changed[name] = true
		_ = listing.Commands(&added, &bytecode.Program{Tables: []*bytecode.Table{t}}, nil, nil) // a Builder takes everything
	}
	for _, t := range listing.Tables(before) {
		if name := t.Family.String() + " " + t.Name; changed[name] || was[name] != "" {
			_ = listing.Deletion(&b, t) // and so does this one
		}
	}
	b.WriteString(added.String())
	ev.send(topicRuleset, func() any { return b.String() + generation })
}

// elementsChanged tells who watches the ruleset of elements that came or went;
// before has the sets as they were.
func (ev *events) elementsChanged(before *bytecode.Program, changes []*vm.Change, opt listing.Options) {
	generation := ev.nextGeneration()
	if !ev.watched(topicRuleset) {
		return
	}
	var b strings.Builder
	for _, c := range changes {
		for _, t := range before.Tables {
			if t.Family == c.Family && t.Name == c.Table {
				_ = listing.ElementChanges(&b, t, t.Set(c.Set), c.Decl, &opt) // a Builder takes everything
			}
		}
	}
	ev.send(topicRuleset, func() any { return b.String() + generation })
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
