package lang

import (
	"fmt"
	"slices"
	"strings"

	"nfvm/diag"
)

// maxDepth bounds the nesting of blocks, sets and parentheses.
const maxDepth = 128

// parser walks the tokens of one source. An include gives a parser of its own
// that shares the session and the scope.
type parser struct {
	*session
	src    string
	base   uint32 // of the source in the address space
	source *diag.Source
	toks   []token
	i      int // next token
	scope  *scope
	depth  int
	hint   int // index of a word that may be a misspelled one of hintWords, or -1

	hintWords []string
	before    int      // index of the first word of the statement before, or -1
	early     int      // index of a brace behind which the line was wrong, or 0
	implicit  int      // index of the first word of a rule without `rule`, or -1
	braces    []int32  // see closing
	counted   int      // the tokens before this are counted by countElems
	unpaired  bool     // some brace has no partner
	verdicts  bool     // the set being parsed is a verdict map
	symbols   []Symbol // free nodes, see slabSize
	numbers   []Number
	unclosed  bool // a block that is not closed has been reported
	missing   bool // some opening brace has no partner
	ended     int  // index of the token before which a block ended without its brace
	rescans   int  // see closeString
}

// session is what all parsers of one Parse call share.
type session struct {
	opt       Options
	dir       string // of the main input
	sources   *diag.Sources
	diags     diag.List
	files     int      // read by includes so far
	openFiles []string // the input and the includes being read
	least     int      // elements that are folded, 0: none are
	folded    bool     // some were
	unparsed  bool     // rules were left for later
	speller   diag.Speller
	lost      map[string]bool // see loseNames
	expanded  int             // words that references to variables have expanded to
	overflown bool            // that they are too many has been reported
}

// bailout unwinds to the nearest place that knows how to go on; the error is
// already in the list.
type bailout struct{}

func (p *parser) kind() kind { return p.toks[p.i].kind }

// kindAt looks n tokens ahead.
func (p *parser) kindAt(n int) kind {
	if p.i+n >= len(p.toks) {
		return tEOF
	}
	return p.toks[p.i+n].kind
}

func (p *parser) textOf(t token) string { return p.src[t.start:t.end] }

// text gives the text of the next token.
func (p *parser) text() string { return p.textOf(p.toks[p.i]) }

// wordAt gives the text of the token n ahead if it is a bare word, else "".
func (p *parser) wordAt(n int) string {
	if p.kindAt(n) != tWord {
		return ""
	}
	return p.textOf(p.toks[p.i+n])
}

// word gives the text of the next token if it is a bare word, else "".
func (p *parser) word() string {
	if t := p.toks[p.i]; t.kind == tWord {
		return p.textOf(t)
	}
	return ""
}

func (p *parser) spanOf(t token) Span {
	return Span{Start: p.base + t.start, End: p.base + t.end}
}

// span gives the place of the next token.
func (p *parser) span() Span { return p.spanOf(p.toks[p.i]) }

// since gives the span from a token's start to the last token consumed.
func (p *parser) since(from int) Span {
	last := max(p.i-1, from)
	return Span{Start: p.base + p.toks[from].start, End: p.base + p.toks[last].end}
}

// next consumes a token; tEOF stays.
func (p *parser) next() token {
	t := p.toks[p.i]
	if t.kind != tEOF {
		p.i++
	}
	return t
}

// accept consumes the next token if it has this kind.
func (p *parser) accept(k kind) bool {
	if p.kind() != k {
		return false
	}
	p.next()
	return true
}

// acceptWord consumes the next token if it is this word.
func (p *parser) acceptWord(w string) bool {
	if p.word() != w {
		return false
	}
	p.next()
	return true
}

// expect consumes a token of this kind or fails.
func (p *parser) expect(k kind) token {
	if p.kind() != k {
		p.fail(kindNames[k])
	}
	return p.next()
}

// expectWord consumes this word or fails.
func (p *parser) expectWord(w string) Word {
	if p.word() != w {
		p.fail(w)
	}
	return p.takeWord()
}

// takeWord consumes the next token as a word.
func (p *parser) takeWord() Word {
	t := p.next()
	w := Word{Pos: Pos{p.spanOf(t)}, Text: p.textOf(t)}
	switch {
	case t.kind == tQuoted:
		w.Text, w.Quoted = w.Text[1:len(w.Text)-1], true
	case t.kind == tIPv6 && w.Text[0] == '[':
		w.Text = w.Text[1 : len(w.Text)-1]
	}
	return w
}

// acceptSeparator consumes newlines and semicolons.
func (p *parser) acceptSeparator() bool {
	from := p.i
	for p.kind() == tNewline || p.kind() == tSemicolon {
		p.i++
	}
	return p.i > from
}

// atEnd reports whether a statement ends here.
func (p *parser) atEnd() bool {
	switch p.kind() {
	case tNewline, tSemicolon, tEOF, tRBrace:
		return true
	}
	return false
}

// tokenName gives nft's name for a token in messages.
func (p *parser) tokenName(t token) string {
	if t.kind == tWord && reservedWords[p.textOf(t)] {
		return p.textOf(t)
	}
	return kindNames[t.kind]
}

// fail reports a syntax error at the next token and unwinds. It names the
// expected word that the token may be a misspelling of; else, like nft, all that
// was expected if these are at most four.
func (p *parser) fail(expecting ...string) { p.failWith(4, expecting) }

// failAll is fail, but names any number of expected words.
func (p *parser) failAll(expecting ...string) { p.failWith(len(expecting), expecting) }

func (p *parser) failWith(most int, expecting []string) {
	t := p.toks[p.i]
	msg := "syntax error, unexpected " + p.tokenName(t)
	if best := p.misspelled(t, expecting); best != "" {
		msg = "syntax error, unexpected string '" + p.textOf(t) + "'; did you mean ‘" + best + "’?"
	} else if n := len(expecting); n > 0 && n <= most {
		msg += ", expecting " + strings.Join(expecting, " or ")
	}
	if t.kind == tJunk && p.textOf(t) == `"` {
		msg += ": the string is not closed"
	}
	p.failAt(p.spanOf(t), msg)
}

// misspelled gives the word that a token may be meant as, "" if there is none.
func (p *parser) misspelled(t token, words []string) string {
	if t.kind != tWord || t.end-t.start < 3 || reservedWords[p.textOf(t)] {
		return ""
	}
	best := diag.Closest(p.textOf(t), words)
	if slices.Contains(kindNames[:], best) {
		return ""
	}
	return best
}

// failAt reports an error and unwinds. Where a doubtful word stands just before
// the place, that word is named instead.
func (p *parser) failAt(at Span, msg string) {
	if !p.blameHint() {
		if q := p.toks[max(p.i-1, 0)]; q.kind == tQuoted && strings.Contains(p.textOf(q), "\n") {
			p.diags.Errorf(Span{Start: p.base + q.start, End: p.base + q.start + 1},
				"the string that begins here spans lines: is its closing quote missing?").Note(at, "%s", msg)
			p.closeString(max(p.i-1, 0))
		} else if p.outdented(p.i, false) {
			p.reportUnclosed(msg)
		} else {
			p.diags.Errorf(at, "%s", msg)
		}
	}
	if p.kind() == tLBrace && !p.balanced() {
		p.unclosed = true // the end of the text will be a surprise
	}
	panic(bailout{})
}

// blameHint reports a word as a misspelling if it looks like one: the word that
// was taken for a table because no command has that name, or the one in p.hint.
func (p *parser) blameHint() bool {
	return p.blame(p.implicit, 3, commandWords) || p.blame(p.hint, 2, p.hintWords)
}

// repaired gives the next word, or the one of words that it is a misspelling
// of. That is an error, but the rest is read as if it were written right, so
// that what it declares is known.
func (p *parser) repaired(words []string) string {
	t := p.toks[p.i]
	best := p.misspelled(t, words)
	if best == "" || slices.Contains(words, p.textOf(t)) {
		return p.word()
	}
	p.diags.Errorf(p.spanOf(t), "syntax error, unexpected string '%s'; did you mean ‘%s’?", p.textOf(t), best)
	return best
}

// blame looks at the word at index at, if the error is at most reach tokens
// behind it.
func (p *parser) blame(at, reach int, words []string) bool {
	if at < 0 || p.i < at || p.i > at+reach {
		return false
	}
	t := p.toks[at]
	best := p.misspelled(t, words)
	if best == "" {
		return false
	}
	p.diags.Errorf(p.spanOf(t), "syntax error, unexpected string '%s'; did you mean ‘%s’?", p.textOf(t), best)
	return true
}

// enter counts a level of nesting; the caller defers or calls leave.
func (p *parser) enter() {
	p.depth++
	if p.depth > maxDepth {
		p.failAt(p.span(), fmt.Sprintf("too many levels of nesting: at most %d", maxDepth))
	}
}

func (p *parser) leave() { p.depth-- }

// try runs f; when it bails out, the tokens up to the end of the statement that
// began at the current token are skipped. ok tells that it did not.
func (p *parser) try(f func()) (ok bool) {
	from, depth, sc := p.i, p.depth, p.scope
	defer func() {
		if r := recover(); r != nil {
			p.unwound(r, depth, sc)
			p.loseNames(from)
			p.skipStatement(from, false)
		}
		p.hint, p.implicit = -1, -1
	}()
	f()
	return true
}

// unwound goes back to a place that knows how to go on. Something has been reported
// by then; if not, it is here: a text is never taken with a part of it unread.
func (p *parser) unwound(r any, depth int, sc *scope) {
	if _, ok := r.(bailout); !ok {
		panic(r)
	}
	if !p.diags.HasErrors() {
		p.diags.Errorf(p.span(), "syntax error, unexpected %s", p.tokenName(p.toks[p.i]))
	}
	p.depth, p.scope, p.verdicts = depth, sc, false
}

// endOfItem demands a separator behind an item of a block. A missing one is
// reported, and parsing goes on in place.
func (p *parser) endOfItem() {
	if p.acceptSeparator() || p.ended == p.i || p.kind() == tEOF && p.source.Included.Valid() {
		return
	}
	if p.early > 0 && p.early == p.i-1 && !slices.Contains(tableWords, p.word()) { // the line went wrong before
		p.skipStatement(p.i, false)
		return
	}
	if n := len(p.diags.Items); n == 0 || p.diags.Items[n-1].Span.Start != p.span().Start {
		p.diags.Errorf(p.span(), "syntax error, unexpected %s, expecting newline or semicolon", p.tokenName(p.toks[p.i]))
	}
	switch p.kind() {
	case tRBrace:
		if p.surplus() {
			p.next()
			p.skipStatement(p.i, false)
			p.acceptSeparator()
			return
		}
		p.early = p.i
	case tEOF:
	default:
		p.skipStatement(p.i, false)
	}
}
