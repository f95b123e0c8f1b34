package listing

import (
	"io"
	"strings"

	"nfvm/bytecode"
	"nfvm/nf"
)

// A Query is what `nft list` is asked for: a kind as nft writes it ("ruleset",
// "tables", "chain", "ct helper" …) and where to look. The unspecified family is
// any; a kind in the singular needs Table, and Name except for "table".
type Query struct {
	What   string
	Family nf.Family
	Table  string
	Name   string
}

// A Missing is the error of a query for something that does not exist.
type Missing struct {
	Kind, Name string
	Known      []string // names of that kind in that place
}

func (m *Missing) Error() string { return "No such file or directory: " + m.Kind + " " + m.Name }

// List writes the part of a program that a query asks for, as nft prints it. The
// error is a *Missing where a name is not found.
func List(w io.Writer, prog *bytecode.Program, q Query, opt *Options) error {
	if opt == nil {
		opt = &Options{}
	}
	var b strings.Builder
	var tables []string
	found := q.Table == ""
	for _, t := range Tables(prog) {
		if q.Family != nf.FamilyUnspec && q.Family != t.Family {
			continue
		}
		tables = append(tables, t.Name)
		if q.Table != "" && q.Table != t.Name {
			continue
		}
		found = true
		p := &printer{table: t, opt: opt}
		if err := p.query(q); err != nil {
			return err
		}
		b.WriteString(p.String())
	}
	if !found {
		return &Missing{"table", q.Table, tables}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// query prints one table's part.
func (p *printer) query(q Query) error {
	t := p.table
	switch q.What {
	case "ruleset", "table":
		p.tableBlock(t)
		return nil
	case "tables":
		p.printf("table %s %s", t.Family, t.Name)
		p.handle(t.Handle)
		p.WriteByte('\n')
		return nil
	}
	kind := kindOf(q.What)
	if kind.object && len(t.Objects) == 0 && q.Name == "" {
		return nil // as nft: tables without any object are left out
	}
	p.printf("table %s %s {", t.Family, t.Name)
	p.handle(t.Handle)
	p.WriteByte('\n')
	var known []string
	found := q.Name == ""
	for _, part := range kind.parts(p, q.Name == "") {
		known = append(known, part.name)
		if q.Name == "" || q.Name == part.name {
			found = true
			part.print()
		}
	}
	p.WriteString("}\n")
	if !found {
		return &Missing{kind.word, q.Name, known}
	}
	return nil
}

// A part is a named thing of a table.
type part struct {
	name  string
	print func()
}

// A listedKind is a kind of things that can be listed by themselves.
type listedKind struct {
	word   string // singular
	object bool
	parts  func(p *printer, all bool) []part
}

// kindOf finds a kind by its word, singular or plural; a kind that is not known
// has no parts.
func kindOf(what string) listedKind {
	word := what
	if strings.HasSuffix(what, "s") {
		word = what[:len(what)-1]
	}
	switch word {
	case "chain":
		return listedKind{word: word, parts: (*printer).chainParts}
	case "set", "meter":
		return listedKind{word: word, parts: func(p *printer, all bool) []part {
			if all && word == "meter" {
				return nil // a meter is listed among the sets
			}
			return p.setParts(false)
		}}
	case "map":
		return listedKind{word: word, parts: func(p *printer, _ bool) []part { return p.setParts(true) }}
	case "flowtable":
		return listedKind{word: word, parts: (*printer).flowtableParts}
	}
	return listedKind{word: word, object: true, parts: func(p *printer, _ bool) []part { return p.objectParts(word) }}
}

// chainParts are the chains; of all, only the heads are printed.
func (p *printer) chainParts(all bool) (out []part) {
	for _, c := range p.table.Chains {
		if anonymous(c) {
			continue
		}
		out = append(out, part{c.Name, func() {
			if !all {
				p.chain(c)
				return
			}
			p.chainHead(c)
			p.WriteString("\t}\n")
		}})
	}
	return out
}

func (p *printer) setParts(maps bool) (out []part) {
	for _, s := range p.table.Sets {
		isMap := s.Flags&(bytecode.SetMap|bytecode.SetObject) != 0
		if s.Flags&bytecode.SetAnonymous == 0 && isMap == maps {
			out = append(out, part{s.Name, func() { p.setBlock(s) }})
		}
	}
	return out
}

func (p *printer) objectParts(kind string) (out []part) {
	for _, o := range p.table.Objects {
		if objectNames[o.Type] == kind {
			out = append(out, part{o.Name, func() { p.object(o) }})
		}
	}
	return out
}

func (p *printer) flowtableParts(bool) (out []part) {
	for _, f := range p.table.Flowtables {
		out = append(out, part{f.Name, func() { p.flowtable(f) }})
	}
	return out
}
