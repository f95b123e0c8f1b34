package lang

import (
	"slices"
	"strings"

	"nfvm/diag"
)

// identifier parses the name of a table, chain, set, object or variable. A
// keyword in its place is reported, and then taken for the name, so that the
// rest of the block is still read.
func (p *parser) identifier() Word {
	t := p.toks[p.i]
	if !t.kind.isString() {
		p.fail("string")
	}
	if t.kind == tWord && reservedWords[p.textOf(t)] && p.textOf(t) != "last" {
		if p.blameHint() {
			panic(bailout{})
		}
		if p.implicit >= 0 { // no command at all, more likely than a rule in a table of that name
			p.unknownCommand(t)
		}
		p.diags.Errorf(p.spanOf(t), "syntax error, unexpected %s, expecting string: a keyword can't be a name", p.textOf(t))
		p.skipNames()
	}
	return p.takeWord()
}

// unknownCommand reports the word in front of a keyword, such as `ad` in `ad
// table`, as a misspelt verb, or else the keyword.
func (p *parser) unknownCommand(keyword token) {
	first := p.toks[p.implicit]
	if best := diag.Closest(p.textOf(first), commandWords); best != "" {
		p.diags.Errorf(p.spanOf(first), "syntax error, unexpected string '%s'; did you mean ‘%s’?", p.textOf(first), best)
	} else {
		p.diags.Errorf(p.spanOf(keyword), "syntax error, unexpected %s, expecting string", p.textOf(keyword))
	}
	panic(bailout{})
}

// stringWord parses nft's `string`: a word that is no keyword, a quoted string
// or one with an asterisk.
func (p *parser) stringWord() Word {
	t := p.toks[p.i]
	if t.kind == tQuoted || t.kind == tAsterisk || p.isPlain(t) {
		return p.takeWord()
	}
	p.fail("string", "quoted string", "string with a trailing asterisk")
	return Word{}
}

// isPlain reports whether a token is a STRING for nft, not a keyword.
func (p *parser) isPlain(t token) bool {
	return t.kind.isString() && (t.kind != tWord || !reservedWords[p.textOf(t)])
}

// plainWord parses a STRING; keywords fail.
func (p *parser) plainWord() Word {
	if !p.isPlain(p.toks[p.i]) {
		p.fail("string")
	}
	return p.takeWord()
}

// anyWord parses a bare word, keyword or not.
func (p *parser) anyWord(expecting ...string) Word {
	if p.kind() != tWord {
		p.fail(expecting...)
	}
	return p.takeWord()
}

// oneOf parses one of these words.
func (p *parser) oneOf(words ...string) Word {
	w := p.word()
	if w == "" || !slices.Contains(words, w) {
		p.fail(words...)
	}
	return p.takeWord()
}

// number parses an unsigned number.
func (p *parser) number() Number {
	if p.kind() != tNumber {
		p.fail("number")
	}
	return p.takeNumber()
}

func (p *parser) takeNumber() Number {
	t := p.next()
	v, _ := parseNumber(p.textOf(t))
	return Number{Pos: Pos{p.spanOf(t)}, Value: v}
}

// families are the words of nft's `family_spec`.
var families = []string{"ip", "ip6", "inet", "arp", "bridge", "netdev"}

func isFamily(w string) bool { return slices.Contains(families, w) }

// family parses an optional family.
func (p *parser) family() Word {
	if isFamily(p.word()) {
		return p.takeWord()
	}
	return Word{}
}

// familyBefore parses the family in front of a number of names. One name more is
// a family that there is not; it is reported, and read as the one it resembles,
// so that the rest is still understood.
func (p *parser) familyBefore(names int) Word {
	for i := range names + 1 {
		if i >= len(p.toks)-p.i || !p.isPlain(p.toks[p.i+i]) {
			return p.family()
		}
	}
	t := p.toks[p.i]
	best := p.misspelled(t, families)
	switch {
	case best != "":
		p.diags.Errorf(p.spanOf(t), "unknown family %s; did you mean ‘%s’?", p.textOf(t), best)
	case names == 1:
		p.diags.Errorf(p.spanOf(t), "unknown family %s, known are %s", p.textOf(t), strings.Join(families, ", "))
	default: // behind two names may be a rule
		return Word{}
	}
	w := p.takeWord()
	w.Text = best
	return w
}

// tablePath parses `[family] table`.
func (p *parser) tablePath() Path {
	return Path{Family: p.familyBefore(1), Table: p.identifier()}
}

// namePath parses `[family] table name`.
func (p *parser) namePath() Path {
	path := Path{Family: p.familyBefore(2), Table: p.identifier()}
	path.Name = p.identifier()
	return path
}

// namePathOrHandle parses `[family] table name` or `[family] table handle N`.
func (p *parser) namePathOrHandle() Path {
	path := Path{Family: p.familyBefore(2), Table: p.identifier()}
	if p.acceptWord("handle") {
		path.Handle = p.number()
	} else {
		path.Name = p.identifier()
	}
	return path
}

// once reports a property that is written a second time, at the text since
// from.
func (p *parser) once(again bool, from int) {
	if again {
		p.diags.Errorf(p.since(from), "You can only specify this once. This statement is duplicated.")
	}
}

// comment parses `comment "…"` into w; it may be written once.
func (p *parser) comment(w *Word) {
	from := p.i
	p.next()
	again := w.Set()
	*w = p.commentText()
	p.once(again, from)
}

// commentText parses the text of a comment.
func (p *parser) commentText() Word {
	w := p.stringWord()
	if len(w.Text) > maxComment {
		p.diags.Errorf(w.Span, "comment too long, %d characters maximum allowed", maxComment)
	}
	return w
}

// maxComment is NFTNL_UDATA_COMMENT_MAXLEN.
const maxComment = 128

// oneOfAny is oneOf with an error that lists all the words.
func (p *parser) oneOfAny(words ...string) Word {
	w := p.word()
	if w == "" || !slices.Contains(words, w) {
		p.failAll(words...)
	}
	return p.takeWord()
}
