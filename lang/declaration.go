package lang

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/participle/v2"
)

var expectedWord = regexp.MustCompile(`\(expected "([^"]+)"`)

// failLine reports an error of a declaration parser in nft's words.
func (p *parser) failLine(err error, end int) {
	var pe participle.Error
	if !errors.As(err, &pe) {
		p.failAt(p.span(), err.Error())
	}
	at := uint32(pe.Position().Offset) - p.base
	for p.i < end && p.toks[p.i].start < at {
		p.i++
	}
	if what, ok := strings.CutPrefix(pe.Message(), needsPrefix); ok {
		p.fail(what)
	}
	if m := expectedWord.FindStringSubmatch(pe.Message()); m != nil {
		p.fail(quoteOperator(m[1]))
	}
	p.fail()
}

// quoteOperator gives nft's name of an operator that is expected.
func quoteOperator(s string) string {
	switch s {
	case "=", "{", "}":
		return "'" + s + "'"
	}
	return s
}

// hookLine parses the line of a base chain.
func (p *parser) hookLine() *Hook {
	from := p.i
	g := parseLine(p, hookParser)
	h := &Hook{Pos: Pos{p.since(from)}, Type: Word(g.Type), Hook: Word(g.Hook), Priority: p.priority(&g.Priority)}
	switch {
	case g.Device != nil:
		h.Devices = []Expr{p.value(g.Device)}
	case g.Devices != nil:
		h.Devices = p.values(g.Devices)
	}
	return h
}

// priority converts a priority; its place is the whole clause.
func (p *parser) priority(g *priorityClause) *Priority {
	pr := &Priority{Negative: g.Minus != nil}
	switch {
	case g.Number != nil:
		n := Number(*g.Number)
		pr.Base, pr.Span = &n, n.Span
		if g.Minus != nil {
			pr.Span = g.Minus.Span.To(n.Span)
		}
	case g.Var != nil:
		v := p.boundVar(g.Var)
		pr.Base, pr.Span = v, v.Span
	case g.Name != nil:
		pr.Base, pr.Span = &Symbol{Pos: g.Name.Pos, Text: g.Name.Text}, g.Name.Span
	}
	if n := g.Offset.Number; n != nil {
		pr.Span = pr.Span.To(n.Span)
		pr.Offset = int64(min(n.Value, 1<<40)) // beyond 32 bits it is out of range anyway
		if g.Offset.Minus {
			pr.Offset = -pr.Offset
		}
	}
	pr.Span = g.Word.Span.To(pr.Span)
	return pr
}

// boundVar makes the reference for `$name` when only the name was kept.
func (p *parser) boundVar(n *name) *VarRef {
	at := Span{Start: n.Span.Start - 1, End: n.Span.End}
	return p.bound(Word{Pos: Pos{at}, Text: n.Text}, n.Span)
}

func (p *parser) value(g *value) Expr {
	if g.Var != nil {
		return p.boundVar(g.Var)
	}
	w := Word(*g.Name)
	s := &Symbol{Pos: w.Pos, Text: w.Text}
	if w.Quoted {
		s.Kind = SymQuoted
	}
	return s
}

func (p *parser) values(g *valueSet) []Expr {
	if g.Var != nil {
		return []Expr{p.boundVar(g.Var)}
	}
	var list []Expr
	for _, v := range g.Items {
		list = append(list, p.value(&value{Var: v.Var, Name: (*label)(v.Name)}))
	}
	return list
}

// devicesLine parses `devices = …` of a chain: a set literal or a variable.
func (p *parser) devicesLine() Expr {
	g := parseLine(p, devicesParser).Devices
	list := p.values(&g)
	if g.Var != nil {
		return list[0]
	}
	s := &SetLit{Pos: Pos{g.Open.Span.To(g.Close.Span)}}
	for _, x := range list {
		s.Elems = append(s.Elems, Elem{Pos: Pos{x.At()}, Key: x})
	}
	return s
}

// flowtableBlock parses the block of a flowtable.
func (p *parser) flowtableBlock(from int, name Word) *Flowtable {
	f := &Flowtable{Name: name}
	f.Broken = !p.block(func() { p.flowtableItem(f) })
	f.Span = p.since(from)
	return f
}

func (p *parser) flowtableItem(f *Flowtable) {
	if p.common(func(*Define) {}, func(q *parser) { q.items(func() { q.flowtableItem(f) }, false) }) {
		return
	}
	if p.acceptWord("counter") {
		f.Counter = true
		return
	}
	g := parseLine(p, flowtableParser)
	switch {
	case g.Hook != nil:
		f.Hook, f.Priority = Word(*g.Hook), p.priority(g.Priority)
	case g.Devices != nil:
		f.Devices = append(f.Devices, p.values(g.Devices)...)
	case g.Flag != nil:
		f.Flags = append(f.Flags, Word(*g.Flag))
		if g.Flag.Text != "offload" {
			p.diags.Errorf(g.Flag.Span, "syntax error, unexpected string, expecting offload")
		}
	}
	p.endOfItem()
}
