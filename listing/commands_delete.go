package listing

import (
	"fmt"
	"io"
	"strings"

	"nfvm/bytecode"
)

// A deletion has what is done with each thing of a table that goes.
type deletion struct {
	rule  func(*bytecode.Chain, *bytecode.Rule)
	set   func(*bytecode.Set)
	flow  func(*bytecode.Flowtable)
	obj   func(*bytecode.Object)
	chain func(*bytecode.Chain)
}

// walkDeletion goes through a table in the order in which the kernel takes it
// away: rules, each with its anonymous sets, then sets, flowtables, objects and
// chains.
func walkDeletion(t *bytecode.Table, do deletion) {
	for _, c := range t.Chains {
		if anonymous(c) {
			continue
		}
		for _, r := range c.Rules {
			do.rule(c, r)
			for _, e := range r.Exprs {
				if s := anonymousSet(t, e); s != nil {
					do.set(s)
				}
			}
		}
	}
	for _, s := range t.Sets {
		if s.Flags&bytecode.SetAnonymous == 0 {
			do.set(s)
		}
	}
	for _, f := range t.Flowtables {
		do.flow(f)
	}
	for _, o := range t.Objects {
		do.obj(o)
	}
	for _, c := range t.Chains {
		if !anonymous(c) {
			do.chain(c)
		}
	}
}

// Deletion writes the commands that take a table away, as `nft monitor` prints
// them.
func Deletion(w io.Writer, t *bytecode.Table) error {
	var b strings.Builder
	path := t.Family.String() + " " + t.Name
	gone := func(kind, name string) { fmt.Fprintf(&b, "delete %s %s %s\n", kind, path, name) }
	walkDeletion(t, deletion{
		rule:  func(c *bytecode.Chain, r *bytecode.Rule) { gone("rule", fmt.Sprintf("%s handle %d", c.Name, r.Handle)) },
		set:   func(s *bytecode.Set) { gone("set", s.Name) }, // so nft says of maps, too
		flow:  func(f *bytecode.Flowtable) { gone("flowtable", f.Name) },
		obj:   func(o *bytecode.Object) { gone(objectNames[o.Type], o.Name) },
		chain: func(c *bytecode.Chain) { gone("chain", c.Name) },
	})
	fmt.Fprintf(&b, "delete table %s\n", path)
	_, err := io.WriteString(w, b.String())
	return err
}

// anonymousSet is the anonymous set that an expression uses, nil without one.
func anonymousSet(t *bytecode.Table, e bytecode.Expr) *bytecode.Set {
	name := ""
	switch e := e.(type) {
	case *bytecode.Lookup:
		name = e.Set
	case *bytecode.Dynset:
		name = e.Set
	case *bytecode.Objref:
		name = e.Set
	}
	if s := t.Set(name); s != nil && s.Flags&bytecode.SetAnonymous != 0 {
		return s
	}
	return nil
}

// ElementChanges writes the commands that make the elements of a set what they
// are after a change, each a command, as `nft monitor` prints them: first what has
// gone.
func ElementChanges(w io.Writer, t *bytecode.Table, before, after *bytecode.Set, opt *Options) error {
	if opt == nil {
		opt = &Options{}
	}
	p := &printer{table: t, opt: opt}
	path := t.Family.String() + " " + t.Name + " " + after.Name
	p.elementChanges(before, after, func(verb string, e *element) {
		p.printf("%s element %s { ", verb, path)
		p.element(after, e)
		p.WriteString(" }\n")
	})
	_, err := io.WriteString(w, p.String())
	return err
}

// elementChanges tells of elements that have gone, then of new ones.
func (p *printer) elementChanges(before, after *bytecode.Set, tell func(verb string, e *element)) {
	old, now := newElements(before, &present{}, p.opt.Newer), newElements(after, &present{}, p.opt.Newer)
	p.missing(old, now, func(e *element) { tell("delete", e) })
	p.missing(now, old, func(e *element) { tell("add", e) })
}

// missing tells of the elements of a list whose keys others do not have.
func (p *printer) missing(list, others []element, tell func(*element)) {
	known := map[string]bool{}
	for i := range others {
		known[p.keyText(&others[i])] = true
	}
	for i := range list {
		if !known[p.keyText(&list[i])] {
			tell(&list[i])
		}
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
