package lang

import (
	"io"

	"github.com/alecthomas/participle/v2/lexer"
)

// symbols gives the participle names of the kinds of tokens. Type -1 is
// participle's end of file.
var symbols = map[string]lexer.TokenType{
	"EOF": lexer.EOF, "Newline": tokenType(tNewline), "Word": tokenType(tWord),
	"Quoted": tokenType(tQuoted), "Asterisk": tokenType(tAsterisk), "Number": tokenType(tNumber),
	"BigNumber": tokenType(tBigNumber), "IPv4": tokenType(tIPv4), "IPv6": tokenType(tIPv6),
	"MAC": tokenType(tMAC), "Time": tokenType(tTime), "ClassID": tokenType(tClassID),
	"Operator": operatorType, "Junk": tokenType(tJunk),
}

const operatorType lexer.TokenType = -100

// tokenType maps a kind to participle's number; all operators are one type and
// told apart by their text.
func tokenType(k kind) lexer.TokenType {
	switch {
	case k == tEOF:
		return lexer.EOF
	case k == tJunk || k <= tClassID && k != tSemicolon:
		return -2 - lexer.TokenType(k)
	}
	return operatorType
}

// definition is the scanner as participle wants it.
type definition struct{}

// Symbols names the types of tokens.
func (definition) Symbols() map[string]lexer.TokenType { return symbols }

// Lex scans a whole text.
func (d definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return d.LexString(name, string(text))
}

// LexString scans a whole text.
func (definition) LexString(name, text string) (lexer.Lexer, error) {
	return &tokenLexer{name: name, src: text, toks: scan(text)}, nil
}

// tokenLexer hands out tokens that are already scanned. Positions carry only
// the offset in the address space of the sources.
type tokenLexer struct {
	name string
	src  string
	base uint32
	toks []token
}

// Next gives the next token, at the end again and again the end of file.
func (l *tokenLexer) Next() (lexer.Token, error) {
	if len(l.toks) == 0 || l.toks[0].kind == tEOF {
		return lexer.EOFToken(lexer.Position{Filename: l.name, Offset: int(l.base) + len(l.src)}), nil
	}
	t := l.toks[0]
	l.toks = l.toks[1:]
	return lexer.Token{Type: tokenType(t.kind), Value: l.src[t.start:t.end],
		Pos: lexer.Position{Filename: l.name, Offset: int(l.base + t.start)}}, nil
}
