package lang

// operand parses a primary expression: the difference between the three kinds
// of expressions in nft's grammar.
type operand func(*parser) Expr

// binaryLevels are the bit operators from loose to tight.
var binaryLevels = [...]map[kind]BinaryOp{
	{tPipe: OpOr}, {tCaret: OpXor}, {tAmp: OpAnd}, {tLshift: OpLshift, tRshift: OpRshift},
}

// isBinary reports whether a token is a bit operator.
func isBinary(k kind) bool {
	switch k {
	case tPipe, tCaret, tAmp, tLshift, tRshift:
		return true
	}
	return false
}

// basic parses operands joined by bit operators. first parses the leftmost
// operand, others the rest.
func (p *parser) basic(first, others operand) Expr {
	from := p.i
	x := first(p)
	if !isBinary(p.kind()) {
		return x
	}
	return p.binary(from, x, 0, others)
}

// binary parses operators of a level and tighter behind the operand x, by
// precedence climbing.
func (p *parser) binary(from int, x Expr, level int, others operand) Expr {
	for {
		l, op, ok := p.operator()
		if !ok || l < level {
			return x
		}
		at := p.spanOf(p.next())
		right := p.i
		y := others(p)
		for {
			m, _, ok := p.operator()
			if !ok || m <= l {
				break
			}
			y = p.binary(right, y, m, others)
		}
		x = &Binary{Pos: Pos{p.since(from)}, Op: op, Left: x, Right: y, OpSpan: at}
	}
}

// operator gives level and kind of the next token if it is a bit operator.
func (p *parser) operator() (int, BinaryOp, bool) {
	k := p.kind()
	if !isBinary(k) {
		return 0, 0, false
	}
	for l, ops := range binaryLevels {
		if op, ok := ops[k]; ok {
			return l, op, true
		}
	}
	return 0, 0, false
}

// paren parses a parenthesised expression.
func (p *parser) paren(first, others operand) Expr {
	p.enter()
	p.expect(tLParen)
	x := p.basic(first, others)
	p.expect(tRParen)
	p.leave()
	return x
}

var symbolKinds = [...]SymbolKind{
	tWord: SymWord, tQuoted: SymQuoted, tAsterisk: SymWord, tBigNumber: SymNumber, tIPv4: SymIPv4,
	tIPv6: SymIPv6, tMAC: SymMAC, tTime: SymTime, tClassID: SymClassID,
}

// symbol consumes the next token as a symbol.
func (p *parser) symbol() *Symbol {
	if len(p.symbols) == 0 {
		p.symbols = make([]Symbol, min(slabSize, len(p.toks)-p.i))
	}
	s := &p.symbols[0]
	p.symbols = p.symbols[1:]
	k := p.kind()
	w := p.takeWord()
	s.Pos, s.Text, s.Kind = w.Pos, w.Text, symbolKinds[k]
	return s
}

// slabSize is how many symbols are allocated at once; one by one, a large set
// would spend its time in the allocator.
const slabSize = 128

// constant parses a literal or variable; nil if the next token is none.
// keywords are the reserved words that count as values.
func (p *parser) constant(keywords map[string]bool) Expr {
	switch t := p.toks[p.i]; t.kind {
	case tNumber:
		if len(p.numbers) == 0 {
			p.numbers = make([]Number, min(slabSize, len(p.toks)-p.i))
		}
		n := &p.numbers[0]
		p.numbers = p.numbers[1:]
		*n = p.takeNumber()
		return n
	case tWord:
		if w := p.textOf(t); !reservedWords[w] || keywords[w] {
			return p.symbol()
		}
	case tQuoted, tAsterisk, tIPv4, tIPv6, tMAC, tTime, tClassID, tBigNumber:
		return p.symbol()
	case tDollar:
		return p.varRef()
	}
	return nil
}

// primaryRHS parses an operand of the right side of a relation.
func primaryRHS(p *parser) Expr {
	if p.kind() == tLParen {
		return p.paren(primaryRHS, primaryRHS)
	}
	x := p.constant(valueWords)
	if x == nil {
		p.fail()
	}
	return x
}

// basicRHS parses one value.
func (p *parser) basicRHS() Expr { return p.basic(primaryRHS, primaryRHS) }

// multiRHS parses a value, a range or a prefix.
func (p *parser) multiRHS() Expr {
	from := p.i
	x := p.basicRHS()
	return p.rangeOrPrefix(from, x)
}

// rangeOrPrefix parses `-to` or `/len` behind a value.
func (p *parser) rangeOrPrefix(from int, x Expr) Expr {
	switch p.kind() {
	case tDash:
		p.next()
		return &Range{From: x, To: p.basicRHS(), Pos: Pos{p.since(from)}}
	case tSlash:
		if p.kindAt(1) == tNumber {
			p.next()
			return &Prefix{Addr: x, Len: p.takeNumber(), Pos: Pos{p.since(from)}}
		}
	}
	return x
}

// concatRHS parses values joined by dots.
func (p *parser) concatRHS() Expr {
	from := p.i
	x := p.multiRHS()
	if p.kind() != tDot {
		return x
	}
	return p.concatRest(from, x)
}

func (p *parser) concatRest(from int, x Expr) Expr {
	c := &Concat{Parts: []Expr{x}}
	for p.accept(tDot) {
		c.Parts = append(c.Parts, p.multiRHS())
	}
	c.Span = p.since(from)
	return c
}

// rhs parses the right side of a relation or the value of a definition: a set,
// a set reference, values, or a list of bits.
func (p *parser) rhs(list bool) Expr {
	from := p.i
	switch p.kind() {
	case tLBrace:
		return p.setLit(nil)
	case tAt:
		return p.setRef()
	}
	x := p.multiRHS()
	switch {
	case p.kind() == tDot:
		return p.concatRest(from, x)
	case list && p.kind() == tComma:
		return p.list(from, x, primaryRHS)
	}
	return x
}

// list parses `, b, c` behind a.
func (p *parser) list(from int, x Expr, prim operand) Expr {
	l := &List{Items: []Expr{x}}
	for p.accept(tComma) {
		l.Items = append(l.Items, p.basic(prim, prim))
	}
	l.Span = p.since(from)
	return l
}

// setRef parses `@name`.
func (p *parser) setRef() *SetRef {
	from := p.i
	p.expect(tAt)
	if w := p.word(); reservedWords[w] && w != "last" {
		p.identifier() // reports it
		panic(bailout{})
	}
	name := p.identifier()
	return &SetRef{Pos: Pos{p.since(from)}, Name: name.Text}
}

// setRefOrVar parses `@name` or `$name`.
func (p *parser) setRefOrVar() Expr {
	switch p.kind() {
	case tAt:
		return p.setRef()
	case tDollar:
		return p.varRef()
	}
	p.fail("@", "'$'")
	return nil
}
