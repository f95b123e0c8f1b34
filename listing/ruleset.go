package listing

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"nfvm/bytecode"
	"nfvm/nf"
)

// Ruleset writes a whole program as `nft list ruleset` prints it.
func Ruleset(w io.Writer, prog *bytecode.Program, opt *Options) error {
	if opt == nil {
		opt = &Options{}
	}
	for _, t := range Tables(prog) {
		p := &printer{table: t, opt: opt}
		p.tableBlock(t)
		if _, err := io.WriteString(w, p.String()); err != nil {
			return err
		}
	}
	return nil
}

// Tables gives a program's tables in the order of the listing.
func Tables(prog *bytecode.Program) []*bytecode.Table {
	tables := append([]*bytecode.Table(nil), prog.Tables...)
	return tables
}

// tableFlags names the flags of a table.
func tableFlags(t *bytecode.Table) (names []string) {
	if t.Dormant {
		names = append(names, "dormant")
	}
	if t.Persist {
		names = append(names, "persist")
	}
	return names
}

func (p *printer) tableBlock(t *bytecode.Table) {
	p.printf("table %s %s {", t.Family, t.Name)
	p.handle(t.Handle)
	p.WriteByte('\n')
	sep := ""
	if flags := tableFlags(t); len(flags) > 0 {
		p.printf("\tflags %s\n", strings.Join(flags, ","))
		sep = "\n"
	}
	if t.Comment != "" {
		p.printf("\tcomment %q\n", nft(t.Comment))
	}
	for _, block := range p.blocks(t) {
		p.WriteString(sep)
		block()
		sep = "\n"
	}
	p.WriteString("}\n")
}

// blocks are the parts of a table in the order of the listing.
func (p *printer) blocks(t *bytecode.Table) []func() {
	var out []func()
	objects := append([]*bytecode.Object(nil), t.Objects...)
	sort.SliceStable(objects, func(i, j int) bool { return objects[i].Handle < objects[j].Handle })
	for _, o := range objects {
		out = append(out, func() { p.object(o) })
	}
	for _, s := range t.Sets {
		if p.named(s) {
			out = append(out, func() { p.setBlock(s) })
		}
	}
	for _, f := range t.Flowtables {
		out = append(out, func() { p.flowtable(f) })
	}
	for _, c := range t.Chains {
		if !anonymous(c) {
			out = append(out, func() { p.chain(c) })
		}
	}
	return out
}

func (p *printer) handle(h uint64) {
	if p.opt.Handles {
		p.printf(" # handle %d", h)
	}
}

func (p *printer) chain(c *bytecode.Chain) {
	p.chainHead(c)
	for _, r := range c.Rules {
		p.printf("\t\t%s\n", Rule(p.table, c, r, p.opt))
	}
	p.WriteString("\t}\n")
}

// chainHead prints a chain up to its first rule.
func (p *printer) chainHead(c *bytecode.Chain) {
	p.printf("\tchain %s {", c.Name)
	p.handle(c.Handle)
	p.WriteByte('\n')
	if c.Comment != "" {
		p.printf("\t\tcomment %q\n", nft(c.Comment))
	}
	b := c.Base
	if b == nil {
		return
	}
	p.printf("\t\ttype %s hook %s", b.Type, b.Hook)
	switch len(b.Devices) {
	case 0:
	case 1:
		p.printf(" device %q", nft(b.Devices[0]))
	default:
		p.printf(" devices = { %s }", p.devices(b.Devices))
	}
	p.printf(" priority %s; policy %s;\n", p.priority(b.Hook, b.Priority), b.Policy)
}

func sorted(names []string) []string {
	names = append([]string(nil), names...)
	sort.Strings(names)
	return names
}

func (p *printer) setBlock(s *bytecode.Set) {
	p.printf("\t%s %s {", setWord(s), s.Name)
	p.handle(s.Handle)
	p.WriteByte('\n')
	p.lines(p.setLines(s))
	p.elements(s)
	p.WriteString("\t}\n")
}

// lines prints the lines of a block.
func (p *printer) lines(lines []string) {
	for _, line := range lines {
		p.WriteString("\t\t" + line + "\n")
	}
}

// elements prints a named set's elements, aligned.
func (p *printer) elements(s *bytecode.Set) {
	if len(s.Elements) == 0 || p.opt.Terse {
		return
	}
	sh := shapeOf(s, nil)
	elements := sh.elements(p.opt.Newer)
	if len(elements) == 0 {
		return
	}
	line := p.perLine(s, sh, elements)
	p.WriteString("\t\telements = { ")
	for i := range elements {
		switch {
		case i == 0:
		case i%line == 0:
			p.WriteString(",\n\t\t\t     ")
		default:
			p.WriteString(", ")
		}
		p.element(s, &elements[i])
	}
	p.WriteString(" }\n")
}

var objectNames = map[bytecode.ObjectType]string{
	bytecode.ObjectCounter: "counter", bytecode.ObjectQuota: "quota", bytecode.ObjectCTHelper: "ct helper",
	bytecode.ObjectLimit: "limit", bytecode.ObjectCTTimeout: "ct timeout", bytecode.ObjectSecmark: "secmark",
	bytecode.ObjectCTExpect: "ct expectation", bytecode.ObjectSynproxy: "synproxy",
}

func (p *printer) flowtable(f *bytecode.Flowtable) {
	p.printf("\tflowtable %s {", f.Name)
	p.handle(f.Handle)
	p.WriteByte('\n')
	p.lines(p.flowtableLines(f))
	p.WriteString("\t}\n")
}

// flowtableLines are the settings of a flowtable.
func (p *printer) flowtableLines(f *bytecode.Flowtable) []string {
	lines := []string{fmt.Sprintf("hook %s priority %s", f.Hook, Priority(nf.FamilyNetdev, f.Hook, f.Priority, p.opt.NumericPriority))}
	if len(f.Devices) > 0 {
		lines = append(lines, "devices = { "+p.devices(f.Devices)+" }")
	}
	if f.Flags&1 != 0 {
		lines = append(lines, "flags offload")
	}
	if f.Counter {
		lines = append(lines, "counter")
	}
	return lines
}
