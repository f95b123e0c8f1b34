package lang

// A scope holds the variables of a block. The outermost one is that of the
// file; each table and chain block has one.
type scope struct {
	parent *scope
	vars   map[string]*Define
	broken map[string]bool // names whose definition has a syntax error
}

func (s *scope) markBroken(name string, broken bool) {
	switch {
	case !broken:
		delete(s.broken, name)
	case s.broken == nil:
		s.broken = map[string]bool{name: true}
	default:
		s.broken[name] = true
	}
}

func (s *scope) isBroken(name string) bool {
	for ; s != nil; s = s.parent {
		if s.broken[name] {
			return true
		}
	}
	return false
}

// maxScopes is how deep nft lets scopes nest: those of the file, of a table, of
// a chain, and of one chain within a rule.
const maxScopes = 4

// depth counts the scopes from the outermost one to s.
func (s *scope) depth() int {
	n := 0
	for ; s != nil; s = s.parent {
		n++
	}
	return n
}

func (s *scope) lookup(name string) *Define {
	for ; s != nil; s = s.parent {
		if d := s.vars[name]; d != nil {
			return d
		}
	}
	return nil
}

func (s *scope) bind(d *Define) {
	if s.vars == nil {
		s.vars = make(map[string]*Define)
	}
	s.vars[d.Name.Text] = d
}

// unbind removes the innermost variable of that name.
func (s *scope) unbind(name string) bool {
	for ; s != nil; s = s.parent {
		if s.vars[name] != nil {
			delete(s.vars, name)
			return true
		}
	}
	return false
}

// names yields all visible variables.
func (s *scope) names(yield func(string) bool) {
	for ; s != nil; s = s.parent {
		for n := range s.vars {
			if !yield(n) {
				return
			}
		}
	}
}

// open starts the scope of a block.
func (p *parser) open() { p.scope = &scope{parent: p.scope} }

// close ends it.
func (p *parser) close() { p.scope = p.scope.parent }

// define parses `define NAME = VALUE` or `redefine …` behind its first word.
func (p *parser) define(from int, redefine bool) *Define {
	d := &Define{Name: p.identifier(), Redefine: redefine}
	sc, expanded := p.scope, p.expanded
	sc.markBroken(d.Name.Text, true)
	p.expect(tAssign)
	first := p.i
	d.Value = p.initializer()
	d.size = p.i - first + p.expanded - expanded
	tooMuch := p.expanded > p.maxExpanded()
	p.expanded = expanded
	d.Span = p.since(from)
	if tooMuch {
		return d
	}
	sc.markBroken(d.Name.Text, false)
	if old := p.scope.lookup(d.Name.Text); old != nil && !redefine {
		p.diags.Errorf(d.Name.Span, "redefinition of symbol '%s'", d.Name.Text).
			Note(old.Name.Span, "the first definition")
		return d
	}
	p.scope.bind(d)
	return d
}

// undefine parses `undefine NAME` behind its first word.
func (p *parser) undefine() {
	name := p.identifier()
	if !p.scope.unbind(name.Text) {
		p.diags.Errorf(name.Span, "undefined symbol '%s'%s", name.Text, p.suggestVar(name.Text))
	}
}

// initializer parses the value of a definition.
func (p *parser) initializer() Expr {
	switch {
	case p.kind() == tLBrace && p.kindAt(1) == tRBrace:
		from := p.i
		p.i += 2
		return &SetLit{Pos: Pos{p.since(from)}}
	case p.kind() == tDash:
		from := p.i
		p.next()
		n := p.number()
		return &Negative{Pos: Pos{p.since(from)}, Number: n}
	}
	return p.rhs(true)
}

// varRef parses `$name`.
func (p *parser) varRef() *VarRef {
	from := p.i
	p.expect(tDollar)
	name := p.identifier()
	return p.bound(Word{Pos: Pos{p.since(from)}, Text: name.Text}, name.Span)
}

// bound makes the reference to the variable that name is. A missing definition
// is reported at the name, unless it is there but broken.
func (p *parser) bound(name Word, at Span) *VarRef {
	v := &VarRef{Pos: name.Pos, Name: name.Text}
	d := p.scope.lookup(name.Text)
	if d == nil {
		if !p.scope.isBroken(name.Text) {
			p.diags.Errorf(at, "unknown identifier '%s'%s", name.Text, p.suggestVar(name.Text))
		}
		return v
	}
	d.Used = true
	if !p.expand(d, at) {
		return v
	}
	// A variable may stand for another one: refer to the last of such a chain.
	for next, ok := d.Value.(*VarRef); ok && next.Def != nil; next, ok = d.Value.(*VarRef) {
		d = next.Def
	}
	v.Def = d
	return v
}

// Definitions that name each other twice double at each step, so what all
// references expand to is bounded: by maxExpansion words and numbers, and more
// in a long input.
const (
	maxExpansion    = 1 << 21
	expansionFactor = 8
)

func (p *parser) maxExpanded() int { return maxExpansion + expansionFactor*len(p.toks) }

// expand counts what a reference stands for; false where that is too much.
func (p *parser) expand(d *Define, at Span) bool {
	limit := p.maxExpanded()
	if p.expanded <= limit {
		p.expanded += d.size
	}
	if p.expanded <= limit {
		return true
	}
	if !p.overflown { // further ones follow from it
		p.overflown = true
		p.diags.Errorf(at, "variables expand to too much: here to more than %d words and numbers", limit)
	}
	return false
}

func (p *parser) suggestVar(name string) string {
	if best := p.speller.Closest(name, p.scope.names); best != "" {
		return "; did you mean identifier ‘" + best + "’?"
	}
	return ""
}
