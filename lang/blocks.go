package lang

// block parses `{ items }`, each item by item(), which is called at its first
// token and recovers by itself. It does not consume what follows the brace.
func (p *parser) block(item func()) (ok bool) {
	p.enter()
	open := p.openBlock()
	ok = p.items(item, false)
	p.closeBlock(open)
	p.leave()
	return ok
}

// openBlock demands the brace that opens a block. Where it is missing but the
// block seems to follow, its contents are still read.
func (p *parser) openBlock() token {
	if p.kind() == tLBrace {
		return p.next()
	}
	at := p.i
	p.diags.Errorf(p.span(), "syntax error, unexpected %s, expecting '{'", p.tokenName(p.toks[at]))
	for p.kind() != tNewline && p.kind() != tEOF && p.kind() != tLBrace {
		p.i++
	}
	if p.kind() == tLBrace {
		return p.next()
	}
	for p.kind() == tNewline {
		p.i++
	}
	switch p.word() {
	case "chain", "table", "set", "map", "flowtable", "add":
		p.i = at
		panic(bailout{})
	}
	if p.kind() == tRBrace || p.kind() == tEOF {
		p.i = at
		panic(bailout{})
	}
	return p.toks[at]
}

// closeBlock demands the brace that closes a block. At the end of the text only
// the innermost open block is reported, and what they hold counts all the same.
func (p *parser) closeBlock(open token) {
	if p.ended == p.i || p.accept(tRBrace) {
		return
	}
	if !p.unclosed {
		p.unclosed = true
		p.diags.Errorf(p.span(), "syntax error, unexpected end of file").
			Note(p.spanOf(open), "this block is not closed")
	}
}

// items parses items up to the closing brace or the end of the text, in a table
// or another block. ok tells that none had a syntax error.
func (p *parser) items(item func(), inTable bool) (ok bool) {
	ok = true
	for {
		p.acceptSeparator()
		if p.kind() == tRBrace || p.kind() == tEOF || p.endEarly(inTable) {
			return ok
		}
		at := p.i
		ok = p.try(item) && ok
		if p.i == at { // never stand still
			p.next()
		}
	}
}

// common parses what may stand in any block: include, define, redefine,
// undefine. again parses further items of the block, for the included file.
func (p *parser) common(defined func(*Define), again func(*parser)) bool {
	from := p.i
	switch p.word() {
	case "include":
		p.next()
		p.include(from, again)
	case "define", "redefine":
		w := p.takeWord()
		defined(p.define(from, w.Text == "redefine"))
	case "undefine":
		p.next()
		p.undefine()
	default:
		return false
	}
	p.endOfItem()
	return true
}

// tableBlock parses the block of a table.
func (p *parser) tableBlock() *TableBlock {
	from := p.i
	b := &TableBlock{}
	p.open()
	p.enter()
	open := p.openBlock()
	p.items(func() { p.tableItem(b) }, true)
	p.closeBlock(open)
	p.leave()
	p.close()
	b.Span = p.since(from)
	return b
}

// tableItem parses one item of a table.
func (p *parser) tableItem(b *TableBlock) {
	if p.common(func(d *Define) { b.Items = append(b.Items, d) }, func(q *parser) {
		q.items(func() { q.tableItem(b) }, true)
	}) {
		return
	}
	from, w := p.i, p.repaired(tableWords)
	var item TableItem
	switch w {
	case "chain":
		p.next()
		item = p.chainBlock(from)
	case "set", "map":
		p.next()
		item = p.setBlock(from, w)
	case "flowtable":
		p.next()
		item = p.flowtableBlock(from, p.identifier())
	case "counter", "quota", "limit", "secmark", "synproxy":
		p.next()
		item = p.objectBlock(from, w, p.identifier())
	case "ct":
		p.next()
		kind := "ct " + p.oneOf("helper", "timeout", "expectation").Text
		item = p.objectBlock(from, kind, p.identifier())
	case "flags":
		p.next()
		b.Flags = append(b.Flags, p.commaWords()...)
	case "comment":
		p.comment(&b.Comment)
	default:
		p.fail()
	}
	if item != nil {
		b.Items = append(b.Items, item)
	}
	p.endOfItem()
}

// tableWords start an item of a table; for suggestions.
var tableWords = []string{"chain", "set", "map", "flowtable", "counter", "quota", "limit", "secmark",
	"synproxy", "flags", "comment", "include", "define", "redefine", "undefine"}

// commaWords parses words with commas between them.
func (p *parser) commaWords() []Word {
	words := []Word{p.anyWord("string")}
	for p.accept(tComma) {
		words = append(words, p.anyWord("string"))
	}
	return words
}

// chainBlock parses name and block of a chain inside a table.
func (p *parser) chainBlock(from int) *Chain {
	name := p.identifier()
	c := p.chainBody()
	c.Name = name
	c.Span = p.since(from)
	return c
}

// chainBody parses `{ … }` of a chain.
func (p *parser) chainBody() *Chain {
	from := p.i
	c := &Chain{}
	p.open()
	p.enter()
	open := p.openBlock()
	p.chainItems(c)
	p.closeBlock(open)
	p.leave()
	p.close()
	c.Span = p.since(from)
	return c
}

// chainItems parses the lines of a chain; rules without a closure each.
func (p *parser) chainItems(c *Chain) {
	for {
		p.acceptSeparator()
		switch p.word() {
		case "include", "define", "redefine", "undefine":
			p.try(func() { p.common(func(*Define) {}, func(q *parser) { q.chainItems(c) }) })
		case "type", "policy", "devices", "flags", "comment":
			before := len(p.diags.Items)
			p.try(func() { p.chainProperty(c); p.endOfItem() })
			c.Broken = c.Broken || len(p.diags.Items) > before
		default:
			if p.kind() == tRBrace || p.kind() == tEOF || p.endEarly(false) {
				return
			}
			if run := p.laterRules(); run != nil {
				c.Rules = append(c.Rules, &Rule{Later: run})
				continue
			}
			c.Broken = !p.chainRule(c) || c.Broken
			p.endOfItem()
		}
	}
}

// chainRule parses one rule, recovering from its errors. ok tells that it can't
// be meant as the line with the hook.
func (p *parser) chainRule(c *Chain) (ok bool) {
	ok = true
	from, depth, sc := p.i, p.depth, p.scope
	defer func() {
		p.hint = -1
		if r := recover(); r != nil {
			p.unwound(r, depth, sc)
			p.skipStatement(from, true)
			if p.i == from {
				p.next()
			}
			for _, t := range p.toks[from:p.i] {
				ok = ok && (t.kind != tWord || p.textOf(t) != "hook")
			}
		}
	}()
	c.Rules = append(c.Rules, p.rule())
	return ok
}

// chainProperty parses a line of a chain that is no rule.
func (p *parser) chainProperty(c *Chain) {
	switch p.word() {
	case "type":
		c.Hook = p.hookLine()
	case "policy":
		from, again := p.i, c.Policy != nil
		p.next()
		if p.kind() == tDollar {
			c.Policy = p.varRef()
		} else {
			if w := p.word(); w != "accept" && w != "drop" {
				p.fail("accept", "drop", "'$'")
			}
			w := p.takeWord()
			c.Policy = &Symbol{Pos: w.Pos, Text: w.Text}
		}
		if again {
			p.diags.Errorf(p.since(from), "you cannot set chain policy twice")
		}
	case "devices":
		c.Devices = p.devicesLine()
	case "flags":
		p.next()
		c.Flags = append(c.Flags, p.oneOf("offload"))
	case "comment":
		p.comment(&c.Comment)
	}
}
