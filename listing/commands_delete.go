package listing

import (
	"fmt"
	"io"
	"strings"

	"nfvm/bytecode"
)

// Deletion writes the commands that take a table away, as `nft monitor` prints
// them, in the order in which the kernel does it: rules, each with its anonymous
// sets, then sets, flowtables, objects, chains and the table.
func Deletion(w io.Writer, t *bytecode.Table) error {
	var b strings.Builder
	path := t.Family.String() + " " + t.Name
	for _, c := range t.Chains {
		for _, r := range c.Rules {
			if !anonymous(c) {
				fmt.Fprintf(&b, "delete rule %s %s handle %d\n", path, c.Name, r.Handle)
			}
			for _, e := range r.Exprs {
				if name := anonymousSet(t, e); name != "" {
					fmt.Fprintf(&b, "delete set %s %s\n", path, name)
				}
			}
		}
	}
	for _, s := range t.Sets {
		if s.Flags&bytecode.SetAnonymous == 0 {
			fmt.Fprintf(&b, "delete set %s %s\n", path, s.Name) // so nft says of maps, too
		}
	}
	for _, f := range t.Flowtables {
		fmt.Fprintf(&b, "delete flowtable %s %s\n", path, f.Name)
	}
	for _, o := range t.Objects {
		fmt.Fprintf(&b, "delete %s %s %s\n", objectNames[o.Type], path, o.Name)
	}
	for _, c := range t.Chains {
		if !anonymous(c) {
			fmt.Fprintf(&b, "delete chain %s %s\n", path, c.Name)
		}
	}
	fmt.Fprintf(&b, "delete table %s\n", path)
	_, err := io.WriteString(w, b.String())
	return err
}

// anonymousSet is the name of the anonymous set that an expression uses, if any.
func anonymousSet(t *bytecode.Table, e bytecode.Expr) string {
	name := ""
	switch e := e.(type) {
	case *bytecode.Lookup:
		name = e.Set
	case *bytecode.Dynset:
		name = e.Set
	case *bytecode.Objref:
		name = e.Set
	}
	if s := t.Set(name); s == nil || s.Flags&bytecode.SetAnonymous == 0 {
		return ""
	}
	return name
}

// ElementChanges writes the commands that make the elements of a set what they
// are after a change, each a command, as `nft monitor` prints them: first what has
// gone.
func ElementChanges(w io.Writer, t *bytecode.Table, before, after *bytecode.Set, opt *Options) error {
	p := &printer{table: t, opt: opt}
	if opt == nil {
		p.opt = &Options{}
	}
	path := t.Family.String() + " " + t.Name + " " + after.Name
	old, now := newElements(before, &present{}, p.opt.Newer), newElements(after, &present{}, p.opt.Newer)
	p.elementCommands("delete", path, after, old, now)
	p.elementCommands("add", path, after, now, old)
	_, err := io.WriteString(w, p.String())
	return err
}

// elementCommands prints those of a list whose keys others do not have.
func (p *printer) elementCommands(verb, path string, s *bytecode.Set, list, others []element) {
	known := map[string]bool{}
	for i := range others {
		known[p.keyText(&others[i])] = true
	}
	for i := range list {
		if known[p.keyText(&list[i])] {
			continue
		}
		p.printf("%s element %s { ", verb, path)
		p.element(s, &list[i])
		p.WriteString(" }\n")
	}
}

func (p *printer) keyText(e *element) string {
	if e.key == nil {
		return "*"
	}
	q := &printer{table: p.table, opt: p.opt}
	q.expr(e.key)
	return q.String()
}
