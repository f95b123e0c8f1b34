package listing

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"nfvm/bytecode"
)

// Commands writes the commands that make a program, as `nft -e` echoes them and
// `nft monitor` prints them: of each table everything in the order in which it was
// created, with elements one by one. What before, which may be nil, has already
// is left out.
func Commands(w io.Writer, prog, before *bytecode.Program, opt *Options) error {
	if opt == nil {
		opt = &Options{}
	}
	for _, t := range Tables(prog) {
		p := &printer{table: t, opt: opt}
		if have := newPresent(t, before); have != nil {
			p.commands(have)
		} else {
			p.printf("add table %s %s", t.Family, t.Name)
			if t.Dormant || t.Persist {
				p.printf(" { flags %s; }", strings.Join(tableFlags(t), ","))
			}
			p.handle(t.Handle)
			p.WriteByte('\n')
			p.commands(&present{})
		}
		if _, err := io.WriteString(w, p.String()); err != nil {
			return err
		}
	}
	return nil
}

// CommandsJSON writes the same as one JSON document, as `nft -ej` does.
func CommandsJSON(w io.Writer, prog, before *bytecode.Program, opt *Options) error {
	opt = opt.forJSON()
	items := array{}
	for _, t := range Tables(prog) {
		items = append(items, additionsJSON(t, before, opt)...)
	}
	_, err := w.Write(append(appendJSON(nil, one("nftables", items)), '\n'))
	return err
}

// additionsJSON gives the commands that make a table, but for what before has.
func additionsJSON(t *bytecode.Table, before *bytecode.Program, opt *Options) (out array) {
	p := &printer{table: t, opt: opt}
	have := newPresent(t, before)
	if have == nil {
		out, have = append(out, one("add", tableHeadJSON(t))), &present{}
	}
	return append(out, p.commandsJSON(have)...)
}

// A created thing of a table; one field besides the handle is set.
type created struct {
	handle uint64
	chain  *bytecode.Chain
	object *bytecode.Object
	set    *bytecode.Set
	flow   *bytecode.Flowtable
	rule   *bytecode.Rule
	place  rulePlace
}

// created gives the things of a table in the order in which they were made, but
// for those with handles that the table had before.
func (p *printer) created(have *present) (out []created) {
	add := func(c created) {
		if !have.handles[c.handle] {
			out = append(out, c)
		}
	}
	t := p.table
	for _, c := range t.Chains {
		if anonymous(c) {
			continue
		}
		add(created{handle: c.Handle, chain: c})
		places := rulePlaces(c)
		for i, r := range c.Rules {
			add(created{handle: r.Handle, chain: c, rule: r, place: places[i]})
		}
	}
	for _, o := range t.Objects {
		add(created{handle: o.Handle, object: o})
	}
	for _, s := range t.Sets {
		if p.named(s) && (!have.handles[s.Handle] || len(have.elements[s.Name]) < len(s.Elements)) {
			out = append(out, created{handle: s.Handle, set: s})
		}
	}
	for _, f := range t.Flowtables {
		add(created{handle: f.Handle, flow: f})
	}
	slices.SortStableFunc(out, func(a, b created) int { return int(int64(a.handle) - int64(b.handle)) })
	return out
}

func (p *printer) commands(have *present) {
	path := p.table.Family.String() + " " + p.table.Name + " "
	for _, c := range p.created(have) {
		switch {
		case c.rule != nil:
			p.printf("%s rule %s%s ", c.place.verb, path, c.chain.Name)
			if c.place.behind != 0 {
				p.printf("handle %d ", c.place.behind)
			}
			p.printf("%s\n", Rule(p.table, c.chain, c.rule, p.opt))
		case c.chain != nil:
			p.chainCommand(path, c.chain)
		case c.object != nil:
			var body []string
			if c.object.Comment != "" {
				body = append(body, fmt.Sprintf("comment %q", nft(c.object.Comment)))
			}
			if text := p.objectBody(c.object); text != "" {
				body = append(body, text)
			}
			p.bodyCommand(objectNames[c.object.Type], path+c.object.Name, c.handle, body)
		case c.flow != nil:
			p.bodyCommand("flowtable", path+c.flow.Name, c.handle, []string{strings.Join(p.flowtableLines(c.flow), "; ") + ";"})
		default:
			p.setCommands(path, c.set, have)
		}
	}
}

// bodyCommand prints what has a body in one line; nft leaves a blank at its end.
func (p *printer) bodyCommand(word, path string, handle uint64, body []string) {
	p.printf("add %s %s {", word, path)
	p.handle(handle)
	for _, text := range body {
		p.WriteString(" " + text)
	}
	p.WriteString(" } \n")
}

// objectBody joins the lines of an object. Those of the objects of conntrack end
// with semicolons, and the last of a synproxy does.
func (p *printer) objectBody(o *bytecode.Object) string {
	lines := p.objectLines(o)
	switch o.Type {
	case bytecode.ObjectCTHelper, bytecode.ObjectCTTimeout, bytecode.ObjectCTExpect:
		return strings.Join(lines, "; ") + ";"
	case bytecode.ObjectSynproxy:
		return strings.Join(lines, " ") + ";"
	}
	return strings.Join(lines, " ")
}

// chainCommand prints a chain; nft 1.0 leaves its devices out here.
func (p *printer) chainCommand(path string, c *bytecode.Chain) {
	p.printf("add chain %s%s", path, c.Name)
	if b := c.Base; b != nil {
		p.printf(" { type %s hook %s", b.Type, b.Hook)
		if len(b.Devices) > 0 {
			p.printf(" devices = { %s }", deviceList(b.Devices, false))
		}
		p.printf(" priority %s; policy %s; }", p.priority(b.Hook, b.Priority), b.Policy)
	}
	p.handle(c.Handle)
	p.WriteByte('\n')
}

// setCommands prints a set and its elements, each a command.
func (p *printer) setCommands(path string, s *bytecode.Set, have *present) {
	if !have.handles[s.Handle] {
		p.bodyCommand(setWord(s), path+s.Name, s.Handle, []string{strings.Join(p.setLines(s), "; ") + ";"})
	}
	for _, e := range newElements(s, have, p.opt.Newer) {
		p.printf("add element %s%s { ", path, s.Name)
		p.element(s, &e)
		p.WriteString(" }\n")
	}
}

func (p *printer) commandsJSON(have *present) (out array) {
	for _, c := range p.created(have) {
		verb := "add"
		var thing obj
		switch {
		case c.rule != nil:
			verb, thing = c.place.verb, p.ruleJSON(c.chain, c.rule)
		case c.chain != nil:
			thing = p.chainJSON(c.chain)
		case c.object != nil:
			thing = p.objectJSON(c.object)
		case c.flow != nil:
			thing = p.flowtableJSON(c.flow)
		default:
			out = append(out, p.setCommandsJSON(c.set, have)...)
			continue
		}
		out = append(out, one(verb, thing))
	}
	return out
}

func (p *printer) setCommandsJSON(s *bytecode.Set, have *present) (out array) {
	if !have.handles[s.Handle] {
		out = append(out, one("add", p.emptySetJSON(s)))
	}
	for _, e := range newElements(s, have, true) {
		out = append(out, p.elementCommandJSON("add", s, &e))
	}
	return out
}

// emptySetJSON is a set without its elements.
func (p *printer) emptySetJSON(s *bytecode.Set) obj {
	empty := *s
	empty.Elements, empty.Source = nil, nil
	return p.setJSON(&empty)
}

func (p *printer) elementCommandJSON(verb string, s *bytecode.Set, e *element) obj {
	return one(verb, one("element", obj{{"family", p.table.Family.String()}, {"table", p.table.Name},
		{"name", s.Name}, {"elem", one("set", array{p.elementJSON(s, e)})}}))
}
