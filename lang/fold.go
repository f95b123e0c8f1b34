package lang

import "slices"

// A large set is a long run of elements of the simplest kind. They are checked
// as they are scanned, and one token stands for a run of them, so that neither
// tokens nor nodes of a million elements lie in memory: SetLit.All makes the
// nodes one by one, from the text.
//
// A folded run is valid wherever a set literal with constant keys may stand. A
// text with mistakes is parsed once more without folding, so that messages don't
// depend on it.

const (
	minRun = 256      // fewer elements stay tokens
	maxRun = 16 << 10 // elements in one token, so that runs can be shared out
)

// A folder watches a scanner, and folds what it has scanned.
type folder struct {
	s      *scanner
	least  int  // elements that make a run
	on     bool // directly inside of braces, where all so far was plain
	from   int  // first token of the current element
	n      int  // plain elements in tokens before it
	at     int  // first token of these
	all    int  // elements in the token before at, if that is a run
	kind   kind // of the elements in the tokens
	folded bool // some run was made
}

// scanFolded is scan with runs of at least so many elements folded.
// It tells whether there was any.
func scanFolded(src string, least int) (toks []token, folded bool) {
	s := scanner{src: src, toks: make([]token, 0, min(len(src)/5, 1<<14)+16)}
	f := folder{s: &s, least: least}
	for s.pos < len(src) {
		if n := len(s.toks); n == cap(s.toks) { // the rest is taken to be like what was read
			s.toks = slices.Grow(s.toks, int(float64(n)/float64(s.pos)*float64(len(src)-s.pos)*1.1)+16)
		}
		before := len(s.toks)
		s.next()
		if len(s.toks) > before {
			f.token(s.toks[before].kind)
		}
	}
	s.emit(tEOF, 0)
	if len(s.toks) < cap(s.toks)/4 {
		s.toks = append([]token(nil), s.toks...)
	}
	return s.toks, f.folded
}

// token looks at the token just scanned.
func (f *folder) token(k kind) {
	switch k {
	case tLBrace:
		f.on, f.from = true, len(f.s.toks)
		f.restart(f.from)
	case tRBrace, tSemicolon:
		f.on = false
	case tComma:
		if f.on {
			f.element()
		}
	}
}

// restart begins a run at a token.
func (f *folder) restart(at int) { f.n, f.at, f.all = 0, at, 0 }

// element looks at the element that the last token, a comma, ends.
func (f *folder) element() {
	s, start := f.s, f.from
	k := plainElement(s.src, s.toks[start:len(s.toks)-1])
	f.from = len(s.toks)
	if k == tEOF {
		f.restart(f.from)
		return
	}
	if f.n > 0 && k != f.kind {
		f.restart(start)
	}
	f.kind = k
	if f.n++; f.n >= f.least {
		f.fold()
	}
}

// fold puts a run in place of the tokens.
func (f *folder) fold() {
	s := f.s
	end := s.toks[len(s.toks)-1].end
	if f.all > 0 && f.all < maxRun && s.toks[f.at-1].kind == f.kind {
		s.toks[f.at-1].end = end
		s.toks = s.toks[:f.at]
		f.all += f.n
	} else {
		s.toks[f.at].end, s.toks[f.at].kind = end, f.kind
		s.toks = s.toks[:f.at+1]
		f.all = f.n
	}
	f.from = len(s.toks)
	f.n, f.at, f.folded = 0, f.from, true
}

// plainElement tells whether tokens are a whole element that the parser takes
// as it is, whatever is defined, and of which kind: tElems without a value,
// tElemsData with one, tElemsVerdict with a verdict; else tEOF.
func plainElement(src string, toks []token) kind {
	e := plainTokens{src, toks}
	e.accept(tNewline)
	if !e.concat() || !e.options() {
		return tEOF
	}
	k := tElems
	if e.accept(tColon) {
		if k = e.value(); k == tEOF {
			return tEOF
		}
	}
	e.accept(tNewline)
	if len(e.toks) > 0 {
		return tEOF
	}
	return k
}

// plainTokens walks over the tokens of an element.
type plainTokens struct {
	src  string
	toks []token // still to be looked at
}

func (e *plainTokens) kind() kind {
	if len(e.toks) == 0 {
		return tEOF
	}
	return e.toks[0].kind
}

func (e *plainTokens) accept(k kind) bool {
	if e.kind() != k {
		return false
	}
	e.toks = e.toks[1:]
	return true
}

// text gives the text of the next token if it is of a kind, else "".
func (e *plainTokens) text(k kind) string {
	if e.kind() != k {
		return ""
	}
	return e.src[e.toks[0].start:e.toks[0].end]
}

// concat takes `a . b`, each a literal, a range or a prefix.
func (e *plainTokens) concat() bool {
	for {
		if !e.literal() {
			return false
		}
		switch {
		case e.accept(tDash):
			if !e.literal() {
				return false
			}
		case e.accept(tSlash):
			if !e.accept(tNumber) {
				return false
			}
		}
		if !e.accept(tDot) {
			return true
		}
	}
}

func (e *plainTokens) literal() bool {
	switch k := e.kind(); k {
	case tWord:
		if w := e.text(tWord); reservedWords[w] && !valueWords[w] {
			return false
		}
	case tNumber, tBigNumber, tIPv4, tIPv6, tMAC, tTime, tClassID, tQuoted, tAsterisk:
	default:
		return false
	}
	e.toks = e.toks[1:]
	return true
}

// options takes times, a comment and a counter, each once.
func (e *plainTokens) options() bool {
	var seen [4]bool
	for e.kind() == tWord {
		var i int
		w := e.text(tWord)
		e.toks = e.toks[1:]
		switch w {
		case "timeout", "expires":
			if w == "expires" {
				i = 1
			}
			if _, ok := parseTime(e.text(tTime)); !ok || !e.accept(tTime) {
				return false
			}
		case "comment":
			i = 2
			if len(e.text(tQuoted)) > maxComment+2 || !e.accept(tQuoted) {
				return false
			}
		case "counter":
			i = 3
			if e.text(tWord) == "packets" && !e.counts() {
				return false
			}
		default:
			return false
		}
		if seen[i] {
			return false
		}
		seen[i] = true
	}
	return true
}

// counts takes `packets N bytes N`.
func (e *plainTokens) counts() bool {
	for _, w := range [...]string{"packets", "bytes"} {
		if e.text(tWord) != w {
			return false
		}
		e.toks = e.toks[1:]
		if !e.accept(tNumber) {
			return false
		}
	}
	return true
}

// value takes what stands behind the colon.
func (e *plainTokens) value() kind {
	switch e.text(tWord) {
	case "accept", "drop", "continue", "return":
		e.toks = e.toks[1:]
		return tElemsVerdict
	case "jump", "goto":
		e.toks = e.toks[1:]
		if w := e.text(tWord); w == "" || reservedWords[w] {
			return tEOF
		}
		e.toks = e.toks[1:]
		return tElemsVerdict
	}
	if !e.concat() {
		return tEOF
	}
	return tElemsData
}
