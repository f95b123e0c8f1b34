package lang

// setBlock parses name and block of a set or map inside a table.
func (p *parser) setBlock(from int, kind string) *Set {
	name := p.identifier()
	s := p.setBody(kind)
	s.Name = name
	s.Span = p.since(from)
	return s
}

// setBody parses `{ … }` of a set or map.
func (p *parser) setBody(kind string) *Set {
	from := p.i
	s := &Set{Kind: kind}
	s.Broken = !p.block(func() { p.setItem(s) })
	s.Span = p.since(from)
	return s
}

// setItem parses one line of a set.
func (p *parser) setItem(s *Set) {
	if p.common(func(*Define) {}, func(q *parser) { q.items(func() { q.setItem(s) }, false) }) {
		return
	}
	from, w := p.i, p.repaired(setWords)
	switch w {
	case "elements":
		s.ElementsPos = p.takeWord().Span
		p.once(s.Kind == "set" && s.Elements != nil, from)
		p.expect(tAssign)
		s.Elements = p.elements() // of a map the last line counts
		return                    // needs no separator behind it
	case "auto-merge":
		if s.Kind == "map" { // maps never merge
			p.fail()
		}
		p.next()
		s.AutoMerge = true
		return
	case "type", "typeof":
		p.setType(s, w == "typeof")
	case "flags":
		p.next()
		if s.Kind == "set" { // the last line counts, in a map all do
			s.Flags = nil
		}
		for more := true; more; more = p.accept(tComma) {
			s.Flags = append(s.Flags, p.oneOf("constant", "interval", "timeout", "dynamic"))
		}
		s.FlagsSpan = p.since(from)
	case "timeout":
		p.next()
		s.Timeout = p.duration(false)
	case "gc-interval":
		p.next()
		s.GCInterval = p.duration(false)
	case "size":
		p.next()
		s.Size = p.number()
	case "policy":
		p.next()
		s.Policy = p.oneOf("performance", "memory")
	case "comment":
		p.comment(&s.Comment)
	default:
		p.setStmts(s)
	}
	p.endOfItem()
}

// setStmts parses the statements that each element gets.
func (p *parser) setStmts(s *Set) {
	st := p.statefulStmt()
	if st == nil {
		p.fail()
	}
	for ; st != nil; st = p.statefulStmt() {
		s.Stmts = append(s.Stmts, st)
	}
}

// setWords start a line of a set; for suggestions.
var setWords = []string{"type", "typeof", "flags", "timeout", "gc-interval", "size", "policy",
	"elements", "auto-merge", "counter", "quota", "limit", "last", "comment"}

// elements parses `{ … }` or `$x`.
func (p *parser) elements() Expr {
	switch p.kind() {
	case tLBrace:
		return p.setLit(nil)
	case tDollar:
		return p.varRef()
	}
	p.fail("'{'", "'$'")
	return nil
}

// setType parses `type …` and `typeof …`, for maps with the data type.
func (p *parser) setType(s *Set, typeof bool) {
	from, again := p.i, s.Key != nil
	p.next()
	s.Key = p.typeSpec(typeof)
	p.once(again, from)
	if s.Kind != "map" {
		return
	}
	if p.kind() != tColon {
		p.fail("colon", ".")
	}
	p.next()
	s.Data = p.dataSpec(typeof)
}

// typeSpec parses the key types, or the data types.
func (p *parser) typeSpec(typeof bool) *TypeSpec {
	from := p.i
	t := &TypeSpec{}
	if typeof {
		t.Typeof = p.typeofExpr()
	} else {
		t.Types = []Word{p.typeName()}
		for p.accept(tDot) {
			t.Types = append(t.Types, p.typeName())
		}
	}
	t.Span = p.since(from)
	return t
}

// typeofExpr parses selectors joined by dots. A bare word is kept for the
// compiler, which says that it has no type.
func (p *parser) typeofExpr() Expr {
	from := p.i
	one := func() Expr {
		if x := p.selector(); x != nil {
			return x
		}
		if !p.isPlain(p.toks[p.i]) && p.kind() != tQuoted && p.word() != "queue" { // a map of queue numbers
			p.fail()
		}
		return p.symbol()
	}
	x := one()
	if p.kind() != tDot {
		return x
	}
	c := &Concat{Parts: []Expr{x}}
	for p.accept(tDot) {
		c.Parts = append(c.Parts, one())
	}
	c.Span = p.since(from)
	return c
}

// typeNames are the keywords that are names of types too.
func isTypeKeyword(w string) bool {
	switch w {
	case "mark", "ecn", "time", "dscp", "classid":
		return true
	}
	return false
}

// typeName parses the name of a datatype.
func (p *parser) typeName() Word {
	if isTypeKeyword(p.word()) {
		return p.takeWord()
	}
	if !p.isPlain(p.toks[p.i]) {
		p.fail()
	}
	return p.takeWord()
}

// dataSpec parses what stands behind the colon: types, `verdict`, or the kind
// of objects.
func (p *parser) dataSpec(typeof bool) *TypeSpec {
	from := p.i
	switch w := p.word(); w {
	case "counter", "quota", "limit", "secmark", "synproxy":
		p.next()
		return &TypeSpec{Object: w, Pos: Pos{p.since(from)}}
	case "verdict":
		p.next()
		return &TypeSpec{Verdict: true, Pos: Pos{p.since(from)}}
	case "ct": // in a typeof alone
		if n := p.wordAt(1); typeof && (n == "timeout" || n == "expectation" || n == "helper") {
			p.i += 2
			return &TypeSpec{Object: "ct " + n, Pos: Pos{p.since(from)}}
		}
	}
	interval := p.acceptWord("interval")
	t := p.typeSpec(typeof)
	t.Interval, t.Span = interval, p.since(from)
	return t
}
