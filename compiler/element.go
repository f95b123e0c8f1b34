package compiler

import (
	"slices"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
)

// An elem is one element of a set before it is written as bytes. Key is a
// *constant, *rangeVal, *prefixVal or *concat of them, nil for the catch-all.
type elem struct {
	key  expr
	data expr
	opts *elemOpts
	at   span
}

// elemOpts are what may follow an element's key.
type elemOpts struct {
	hasTimeout       bool
	timeout, expires uint64 // milliseconds
	comment          string
	exprs            []bytecode.Expr
}

// hasStatements tells whether the element has statements, such as a counter.
func (e *elem) hasStatements() bool { return e.opts != nil && len(e.opts.exprs) > 0 }

// elements evaluates the literal of an anonymous set; nested sets are flattened.
func (r *rule) elements(lit *lang.SetLit, s *setState) ([]elem, bool) {
	out := make([]elem, 0, lit.Len())
	ok := true
	for e := range lit.All() {
		if sub, isSet := resolve(e.Key).(*lang.SetLit); isSet && e.Value == nil && e.Opts == nil {
			more, good := r.elements(sub, s)
			out, ok = append(out, more...), ok && good
			continue
		}
		el, good := r.element(e, s)
		if !good {
			ok = false
			continue
		}
		out = append(out, el)
	}
	return out, ok
}

// element evaluates one element.
func (r *rule) element(e *lang.Elem, s *setState) (elem, bool) {
	el := elem{at: e.Key.At()}
	if _, any := e.Key.(*lang.Wildcard); !any {
		if el.key = r.elementKey(e.Key, s.key); el.key == nil {
			return el, false
		}
		if !r.rangesAllowed(el.key, s) || !r.keyFits(el.key, s) {
			return el, false
		}
	}
	if e.Opts != nil {
		opts, ok := r.elementOpts(e, s)
		if !ok {
			return el, false
		}
		el.opts = opts
	}
	return el, r.elementData(e, s, &el)
}

func (r *rule) elementKey(e lang.Expr, key info) expr {
	x := r.eval(e, key)
	if x == nil {
		return nil
	}
	if ref, isRef := x.(*setRef); isRef {
		r.errorf(e.At(), "Set reference %s cannot be part of another set", ref.set.Name)
		return nil
	}
	if !isConstant(x) {
		r.errorf(e.At(), "Element must be constant")
		return nil
	}
	if g, ok := x.(*rangeVal); ok && g.from.val.cmp(g.to.val) > 0 {
		r.errorf(e.At(), "Range has zero or negative size")
		return nil
	}
	return x
}

// rangesAllowed refuses ranges and prefixes in a named set without the
// interval flag.
func (r *rule) rangesAllowed(k expr, s *setState) bool {
	if s.is(bytecode.SetAnonymous) || s.is(bytecode.SetInterval) || !hasRange(k) {
		return true
	}
	if r.failed = true; s.partial {
		return false
	}
	r.errorf(k.inf().at, "You must add 'flags interval' to your set declaration if you want to add %s elements", rangeKind(k)).
		Note(s.at, "it was declared here")
	return false
}

// keyFits checks the type of an element. That of a set within a comparison is
// not looked at: `meta length { tcp, 8 }` is one with 6 and 8.
func (r *rule) keyFits(k expr, s *setState) bool {
	if s.is(bytecode.SetAnonymous) && !s.isMap() {
		return true
	}
	want, got := s.key.typ, k.inf().typ
	if got == nil || want == nil || storable(want, got) {
		return true
	}
	r.errorf(k.inf().at, "Element mismatches %s definition, expected %s, not '%s'", s.kind(), want.Desc, got.Desc)
	return false
}

func hasRange(k expr) bool {
	switch k := k.(type) {
	case *rangeVal, *prefixVal:
		return true
	case *concat:
		for _, p := range k.parts {
			if hasRange(p) {
				return true
			}
		}
	}
	return false
}

func rangeKind(k expr) string {
	if _, ok := k.(*prefixVal); ok {
		return "prefix"
	}
	return "range"
}

// elementData evaluates what follows the colon.
func (r *rule) elementData(e *lang.Elem, s *setState, el *elem) bool {
	isMap := s.isMap()
	switch {
	case e.Value == nil && !isMap:
		return true
	case e.Value == nil:
		r.refuse(e.Span, einval, "an element of a map needs a value after a colon")
		return false
	case !isMap:
		r.errorf(e.Key.At(), "mapping outside of map context")
		return false
	case s.is(bytecode.SetObject):
		return r.objectData(e, s, el)
	case s.DataType == dataTypeVerdict:
		v, ok := r.verdictValue(e.Value)
		el.data = v
		return ok
	}
	x := r.eval(e.Value, s.data)
	if x == nil {
		return false
	}
	if !isConstant(x) {
		r.errorf(e.Value.At(), "Mapping data must be constant")
		return false
	}
	if hasRange(x) && !s.DataInterval {
		r.errorf(e.Value.At(), "The value of a map element can only be a range if the map is declared with interval data")
		return false
	}
	if want, got := s.data.typ, x.inf().typ; want != nil && got != nil && !storable(want, got) {
		r.errorf(e.Value.At(), "Element mapping mismatches map definition, expected %s, not '%s'", want.Desc, got.Desc)
		return false
	}
	el.data = x
	return true
}

// dataTypeVerdict is the data type of verdict maps (NFT_DATA_VERDICT).
const dataTypeVerdict = 0xffffff00

var verdicts = [...]nf.Verdict{
	lang.VerdictAccept: nf.Accept, lang.VerdictDrop: nf.Drop, lang.VerdictContinue: nf.Continue,
	lang.VerdictReturn: nf.Return, lang.VerdictJump: nf.Jump, lang.VerdictGoto: nf.Goto,
}

// verdictValue reads a verdict and checks its target.
func (r *rule) verdictValue(e lang.Expr) (*verdictVal, bool) {
	v, ok := resolve(e).(*lang.Verdict)
	if !ok {
		r.errorf(e.At(), "a verdict is needed here")
		return nil, false
	}
	out := &verdictVal{info: info{typ: datatype.Verdict, at: e.At()}, verdict: verdicts[v.Kind]}
	if v.Kind != lang.VerdictJump && v.Kind != lang.VerdictGoto {
		return out, true
	}
	if v.Block != nil {
		r.errorf(v.Span, "an anonymous chain is not allowed in a map")
		return nil, false
	}
	out.to, out.toAt, ok = r.target(v)
	return out, ok
}

// target finds the chain of a jump or goto, and where it is named.
func (r *rule) target(v *lang.Verdict) (ch *chainState, at span, ok bool) {
	e := resolve(v.Chain)
	s, isSym := e.(*lang.Symbol)
	if e == nil {
		r.failed = true
		return nil, at, false
	}
	if !isSym {
		r.errorf(v.Chain.At(), "invalid verdict chain expression: a name is needed")
		return nil, at, false
	}
	at = v.Chain.At()
	ch = r.table.chains[s.Text]
	switch {
	case ch == nil:
		r.failed = true
		r.noChain(at, r.table, s.Text)
		return nil, at, false
	case ch.Base != nil:
		r.refuse(at, eopnotsupp, "%s is a base chain, it can't be jumped to", s.Text).Note(ch.at, "it was declared here")
		return nil, at, false
	}
	if r.chain == nil || r.out != nil {
		r.count(&ch.uses)
	}
	return ch, at, true
}

// isLiteral reports whether an expression is a value as written.
func isLiteral(e lang.Expr) bool {
	switch resolve(e).(type) {
	case *lang.Symbol, *lang.Number:
		return true
	}
	return false
}

// literalsOf gives what constant parts of the key of a named set must be.
func (r *rule) literalsOf(set lang.Expr) []info {
	if ref, ok := resolve(set).(*lang.SetRef); ok {
		if s := r.table.set(ref.Name); s != nil {
			return s.key.parts
		}
	}
	return nil
}

// concatExpr evaluates `a . b`: a selector, or a value of a concatenated type.
func (r *rule) concatExpr(e *lang.Concat, want info) expr {
	if want.typ != nil && len(want.parts) == 0 {
		r.errorf(e.Span, "datatype mismatch, expected %s, expression is a concatenation", want.typ.Desc)
		return nil
	}
	if want.typ != nil && len(want.parts) != len(e.Parts) {
		r.errorf(e.Span, "datatype mismatch, expected %s, expression has %d parts", want.typ.Desc, len(e.Parts))
		return nil
	}
	old := r.keyed
	r.keyed = true
	defer func() { r.keyed = old }()
	c := &concat{info: info{order: want.order, at: e.Span}}
	types := make([]*datatype.Type, len(e.Parts))
	for i, p := range e.Parts {
		var w info
		if want.typ != nil {
			w = want.parts[i]
		} else if len(r.literals) == len(e.Parts) && isLiteral(p) {
			w = r.literals[i]
		}
		if _, number := resolve(p).(*lang.Number); number && w.typ == nil {
			r.errorf(p.At(), "Can't parse symbolic invalid expressions")
			return nil
		}
		x := r.eval(p, w)
		if x == nil {
			return nil
		}
		if t := x.inf().typ; t == datatype.String || t == datatype.Bitmask {
			r.errorf(p.At(), "can not use variable sized data types (%s) in concat expressions", t.Name)
			return nil
		}
		if _, nested := x.(*concat); nested {
			r.errorf(p.At(), "a concatenation can't be part of another one")
			return nil
		}
		if !r.namesFamily(x) {
			return nil
		}
		c.parts = append(c.parts, x)
		as := contextOf(x)
		if as.typ == datatype.String {
			r.errorf(p.At(), "can not use variable sized data types (%s) in concat expressions", as.typ.Name).Note(e.Span, "")
			return nil
		}
		as.max = 0
		types[i] = as.typ
		c.info.parts = append(c.info.parts, as)
		c.width += words(x.inf().width) * 32
	}
	if c.width > 512 {
		r.errorf(e.Span, "Concatenation of size %d exceeds maximum size of 512", c.width)
		return nil
	}
	c.typ = want.typ
	if want.typ == nil || !slices.Equal(types, want.typ.Fields) {
		c.typ = datatype.Concat(types...)
	}
	if want.typ != nil {
		c.info.parts = want.parts
	}
	return c
}
