package lang

import "nfvm/diag"

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

// names lists all visible variables.
func (s *scope) names() []string {
	var out []string
	for ; s != nil; s = s.parent {
		for n := range s.vars {
			out = append(out, n)
		}
	}
	return out
}

// open starts the scope of a block.
func (p *parser) open() { p.scope = &scope{parent: p.scope} }

// close ends it.
func (p *parser) close() { p.scope = p.scope.parent }

// define parses `define NAME = VALUE` or `redefine …` behind its first word.
func (p *parser) define(from int, redefine bool) *Define {
	d := &Define{Name: p.identifier(), Redefine: redefine}
	sc := p.scope
	sc.markBroken(d.Name.Text, true)
	p.expect(tAssign)
	d.Value = p.initializer()
	sc.markBroken(d.Name.Text, false)
	d.Span = p.since(from)
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
	v := &VarRef{Pos: Pos{p.since(from)}, Name: name.Text, Def: p.scope.lookup(name.Text)}
	p.checkVar(v, name.Span)
	return v
}

// checkVar reports a reference without a definition, unless the definition is
// there but broken.
func (p *parser) checkVar(v *VarRef, at Span) {
	switch {
	case v.Def != nil:
		v.Def.Used = true
	case !p.scope.isBroken(v.Name):
		p.diags.Errorf(at, "unknown identifier '%s'%s", v.Name, p.suggestVar(v.Name))
	}
}

func (p *parser) suggestVar(name string) string {
	if p.hints++; p.hints > maxHints { // each costs a walk over all names
		return ""
	}
	if best := diag.Closest(name, sorted(p.scope.names())); best != "" {
		return "; did you mean identifier ‘" + best + "’?"
	}
	return ""
}

const maxHints = 100
