package lang

// outdented reports whether the token at i begins what can't stand in the
// block being read although the braces of the text do not pair: then the block
// ends here, and its closing brace is what is missing. In a table that is a
// command, elsewhere the declaration of a chain, a set or the like too.
func (p *parser) outdented(i int, inTable bool) bool {
	if i > 0 && p.toks[i-1].kind != tNewline || p.toks[i].kind != tWord {
		return false
	}
	switch p.textOf(p.toks[i]) {
	case "chain", "set", "map", "flowtable":
		return !inTable && p.opens(i+1) && !p.balanced()
	case "table":
		return (p.opens(i+1) || p.opens(i+2)) && !p.balanced()
	case "add", "create", "insert", "delete", "flush":
		switch p.textOf(p.toks[i+1]) {
		case "table", "chain", "rule", "set", "map", "element", "flowtable", "ruleset":
			return !p.balanced()
		}
	}
	return false
}

// opens reports whether the token at i is a name with a brace behind it.
func (p *parser) opens(i int) bool {
	return i+1 < len(p.toks) && p.toks[i].kind.isString() && p.toks[i+1].kind == tLBrace
}

// endEarly reports whether the block being read ends without its brace before
// the next token, and says so once.
func (p *parser) endEarly(inTable bool) bool {
	if !p.outdented(p.i, inTable) {
		return false
	}
	p.ended = p.i
	p.reportUnclosed("syntax error, unexpected " + p.tokenName(p.toks[p.i]))
	return true
}

// reportUnclosed reports the innermost open block at the next token, but only
// the first of a text: the braces of the others may pair.
func (p *parser) reportUnclosed(msg string) {
	if p.unclosed {
		return
	}
	p.unclosed = true
	d := p.diags.Errorf(p.span(), "%s", msg)
	for j, depth := p.i-1, 0; j >= 0; j-- {
		switch p.toks[j].kind {
		case tRBrace:
			depth++
		case tLBrace:
			if depth--; depth < 0 {
				d.Note(p.spanOf(p.toks[j]), "this block is not closed")
				return
			}
		}
	}
}

// failOpen is fail in braces that are not closed where they have to be. If no brace
// closes them at all, the end of the text will be a surprise that is not to be told.
func (p *parser) failOpen(expecting ...string) {
	defer func() { p.unclosed = p.unclosed || !p.balanced() }()
	p.fail(expecting...)
}

// surplus reports whether the closing brace that stands here where a statement
// should go on is one too many: the braces do not pair, and what follows is
// neither the end of a block nor a declaration.
func (p *parser) surplus() bool {
	if p.kind() != tRBrace || p.balanced() || p.missing {
		return false
	}
	j := p.i + 1
	for p.toks[j].kind == tNewline || p.toks[j].kind == tSemicolon {
		j++
	}
	switch p.toks[j].kind {
	case tEOF, tRBrace:
		return false
	case tWord:
		switch p.textOf(p.toks[j]) {
		case "chain", "set", "map", "flowtable", "table", "secmark", "synproxy", "flags", "include", "define",
			"redefine", "undefine", "add", "create", "insert", "delete", "destroy", "flush", "list", "reset", "rename":
			return false
		}
		return !p.opens(j + 1)
	}
	return true
}

// skipNames moves over the words in front of the last name of a block's head,
// as in `chain inet filter input {`, of which one is wrong.
func (p *parser) skipNames() {
	for j := p.i; j < p.i+3 && j+2 < len(p.toks) && p.toks[j].kind.isString(); j++ {
		if p.opens(j+1) && p.toks[j+3].kind == tNewline {
			p.i = j + 1
			return
		}
	}
}

// loseNames remembers the names that the declaration at index from would have
// given if it had no error, so that nobody misses them.
func (p *parser) loseNames(from int) {
	j := from
	w := p.textOf(p.toks[j])
	adds := w == "add" || w == "create"
	if adds {
		j++
	}
	if w := p.textOf(p.toks[j]); w == "rule" || w == "element" {
		return
	}
	end := j
	for end < len(p.toks) && end < j+5 && p.toks[end].kind.isString() {
		end++
	}
	if !adds && p.toks[end].kind != tLBrace {
		return
	}
	if p.lost == nil {
		p.lost = map[string]bool{}
	}
	for ; j < end; j++ {
		p.lost[p.textOf(p.toks[j])] = true
	}
}
