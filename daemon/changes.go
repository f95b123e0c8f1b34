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

// A changeForm is how changes are told: in commands as nft monitor prints them, or
// as objects, a line each. A Builder takes everything, so no errors are looked at.
type changeForm struct {
	topic    topic
	added    func(b *strings.Builder, t *bytecode.Table)
	deleted  func(b *strings.Builder, t *bytecode.Table)
	elements func(b *strings.Builder, t *bytecode.Table, before, after *bytecode.Set, opt *listing.Options)
	end      func(generation string) string
}

var changeForms = []changeForm{
	{
		topicRuleset,
		func(b *strings.Builder, t *bytecode.Table) {
			_ = listing.Commands(b, &bytecode.Program{Tables: []*bytecode.Table{t}}, nil, nil)
		},
		func(b *strings.Builder, t *bytecode.Table) { _ = listing.Deletion(b, t) },
		func(b *strings.Builder, t *bytecode.Table, before, after *bytecode.Set, opt *listing.Options) {
			_ = listing.ElementChanges(b, t, before, after, opt)
		},
		func(generation string) string { return generation },
	},
	{
		topicRulesetJSON,
		func(b *strings.Builder, t *bytecode.Table) { _ = listing.AdditionLines(b, t, nil) },
		func(b *strings.Builder, t *bytecode.Table) { _ = listing.DeletionLines(b, t, nil) },
		func(b *strings.Builder, t *bytecode.Table, before, after *bytecode.Set, opt *listing.Options) {
			_ = listing.ElementChangeLines(b, t, before, after, opt)
		},
		func(string) string { return "" }, // nft -j has no line for it
	},
}

// tell sends who watches in each form what write writes in it.
func (ev *events) tell(write func(*changeForm, *strings.Builder)) {
	ev.generation++ // changes come one at a time
	generation := fmt.Sprintf("# new generation %d by process %d (nfvm)\n", ev.generation, os.Getpid())
	for i := range changeForms {
		if form := &changeForms[i]; ev.watched(form.topic) {
			var b strings.Builder
			write(form, &b)
			b.WriteString(form.end(generation))
			ev.send(form.topic, func() any { return b.String() })
		}
	}
}

// rulesChanged tells who watches the ruleset how one program became another.
func (ev *events) rulesChanged(before, after *bytecode.Program) {
	ev.tell(func(form *changeForm, b *strings.Builder) {
		opt := &listing.Options{Stateless: true}
		was, changed := tableTexts(before, opt), map[string]bool{}
		var added strings.Builder
		for _, t := range listing.Tables(after) {
			name := t.Family.String() + " " + t.Name
			old, known := was[name]
			delete(was, name)
			if known && old == tableText(t, opt) {
				continue
			}
			changed[name] = true
			form.added(&added, t)
		}
		for _, t := range listing.Tables(before) {
			if name := t.Family.String() + " " + t.Name; changed[name] || was[name] != "" {
				form.deleted(b, t)
			}
		}
		b.WriteString(added.String())
	})
}

// elementsChanged tells who watches the ruleset of elements that came or went;
// before has the sets as they were.
func (ev *events) elementsChanged(before *bytecode.Program, changes []*vm.Change, opt listing.Options) {
	ev.tell(func(form *changeForm, b *strings.Builder) {
		for _, c := range changes {
			for _, t := range before.Tables {
				if t.Family == c.Family && t.Name == c.Table {
					form.elements(b, t, t.Set(c.Set), c.Decl, &opt)
				}
			}
		}
	})
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
