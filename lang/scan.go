package lang

// Classes of bytes.
const (
	clLetter = 1 << iota // may start a word: letters, _ and .
	clDigit
	clHex
	clWord // may continue a word
)

var class [256]uint8

func init() {
	for c := range 256 {
		b := byte(c)
		lower := b | 0x20
		letter := lower >= 'a' && lower <= 'z'
		digit := b >= '0' && b <= '9'
		if letter || b == '_' || b == '.' {
			class[c] |= clLetter | clWord
		}
		if digit {
			class[c] |= clDigit | clHex | clWord
		}
		if lower >= 'a' && lower <= 'f' {
			class[c] |= clHex
		}
		if b == '/' || b == '-' {
			class[c] |= clWord
		}
	}
}

// scanner cuts a source into tokens by nft's rules: the longest match wins.
type scanner struct {
	src  string
	pos  int
	toks []token
}

// scan gives all tokens of a text; the last one is tEOF.
func scan(src string) []token {
	s := scanner{src: src, toks: make([]token, 0, len(src)/5+16)}
	return s.rest()
}

// rest gives the tokens up to the end of the text.
func (s *scanner) rest() []token {
	for s.pos < len(s.src) {
		s.next()
	}
	s.emit(tEOF, 0)
	return s.toks
}

func (s *scanner) emit(k kind, n int) {
	s.toks = append(s.toks, token{start: uint32(s.pos), end: uint32(s.pos + n), kind: k})
	s.pos += n
}

// single maps the bytes that are a token by themselves.
var single = [256]kind{
	',': tComma, ':': tColon, ';': tSemicolon, '{': tLBrace, '}': tRBrace, '[': tLBracket,
	']': tRBracket, '(': tLParen, ')': tRParen, '^': tCaret, '&': tAmp, '|': tPipe, '/': tSlash,
	'-': tDash, '*': tStar, '@': tAt, '$': tDollar, '+': tPlus, '\n': tNewline,
	'=': tAssign, '!': tNot, '<': tLt, '>': tGt,
}

// next scans one token, or skips blanks or a comment.
func (s *scanner) next() {
	c := s.src[s.pos]
	switch {
	case c == ' ' || c == '\t':
		s.blanks()
	case class[c]&clLetter != 0:
		s.word()
	case class[c]&clDigit != 0:
		s.number()
	case c == '#':
		s.comment()
	case c == '"':
		s.quoted()
	case c == '\\':
		s.backslash()
	case c == '\r' && s.at(1) == '\n':
		s.pos++
	case c == ':' && s.at(1) == ':' || c == ':' && class[s.at(1)]&clHex != 0:
		s.emit2(tIPv6, matchIPv6(s.src[s.pos:]), tColon, 1)
	case c == '[':
		s.bracket()
	default:
		s.operator(c)
	}
}

func (s *scanner) at(i int) byte {
	if s.pos+i < len(s.src) {
		return s.src[s.pos+i]
	}
	return 0
}

// emit2 emits the first kind if it matched anything, else the second.
func (s *scanner) emit2(k kind, n int, other kind, m int) {
	if n > 0 {
		s.emit(k, n)
	} else {
		s.emit(other, m)
	}
}

func (s *scanner) blanks() {
	for s.pos < len(s.src) && (s.src[s.pos] == ' ' || s.src[s.pos] == '\t') {
		s.pos++
	}
}

// comment skips to the end of the line. A line with nothing but a comment
// vanishes with its newline; behind other tokens the newline stays.
func (s *scanner) comment() {
	alone := s.lineStart()
	for s.pos < len(s.src) && s.src[s.pos] != '\n' {
		s.pos++
	}
	if alone && s.pos < len(s.src) {
		s.pos++
	}
}

// lineStart reports whether only blanks stand before pos on its line.
func (s *scanner) lineStart() bool {
	for i := s.pos - 1; i >= 0; i-- {
		switch s.src[i] {
		case ' ', '\t':
		case '\n':
			return true
		default:
			return false
		}
	}
	return true
}

// quoted scans a string in quotes; it may hold newlines, and has no escapes.
func (s *scanner) quoted() {
	for i := s.pos + 1; i < len(s.src); i++ {
		if s.src[i] == '"' {
			s.emit(tQuoted, i+1-s.pos)
			return
		}
	}
	s.emit(tJunk, 1)
}

// backslash scans a line continuation or an escaped asterisk.
func (s *scanner) backslash() {
	switch {
	case s.at(1) == '\n':
		s.pos += 2
	case s.at(1) == '\r' && s.at(2) == '\n':
		s.pos += 3
	case s.at(1) == '*':
		s.emit(tAsterisk, 2)
	default:
		s.emit(tJunk, 1)
	}
}

// bracket scans an IPv6 address in brackets, or the bracket alone.
func (s *scanner) bracket() {
	if n := matchIPv6(s.src[s.pos+1:]); n > 0 && s.at(n+1) == ']' {
		s.emit(tIPv6, n+2)
		return
	}
	s.emit(tLBracket, 1)
}

// operator scans punctuation.
func (s *scanner) operator(c byte) {
	d := s.at(1)
	switch {
	case c == '=' && d == '=':
		s.emit(tEq, 2)
	case c == '!' && d == '=':
		s.emit(tNeq, 2)
	case c == '<' && d == '=':
		s.emit(tLe, 2)
	case c == '>' && d == '=':
		s.emit(tGe, 2)
	case c == '<' && d == '<':
		s.emit(tLshift, 2)
	case c == '>' && d == '>':
		s.emit(tRshift, 2)
	case single[c] != tEOF:
		s.emit(single[c], 1)
	default:
		s.emit(tJunk, 1)
	}
}
