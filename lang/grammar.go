package lang

import (
	"fmt"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The grammar of declarations that fill a line of a block. Rules and elements
// are parsed by hand, for speed; names and numbers are the leaves here.

// hookGrammar is `type T hook H [device D] priority P`.
type hookGrammar struct {
	Type     name           `parser:"'type' @@"`
	Hook     name           `parser:"'hook' @@"`
	Device   *value         `parser:"( 'device' @@"`
	Devices  *valueSet      `parser:"| 'devices' '=' @@ )?"`
	Priority priorityClause `parser:"@@"`
}

// priorityClause is `priority -5`, `priority filter + 10`, `priority $p`.
type priorityClause struct {
	Word   keyword `parser:"@@"`
	Minus  *minus  `parser:"( @@?"`
	Number *number `parser:"@@"`
	Var    *name   `parser:"| '$' @@"`
	Name   *name   `parser:"| @@"`
	Offset offset  `parser:"@@ )"`
}

// value is a name in quotes or not, or a variable.
type value struct {
	Var  *name  `parser:"'$' @@"`
	Name *label `parser:"| @@"`
}

// member is a value of a set, where a wildcard needs quotes.
type member struct {
	Var  *name  `parser:"'$' @@"`
	Name *plain `parser:"| @@"`
}

// valueSet is `{ a, "b", $c }`, or a variable.
type valueSet struct {
	Open  *mark     `parser:"( @@ Newline*"`
	Items []*member `parser:"@@ ( Newline* ',' Newline* @@ )* ','? Newline*"`
	Close *mark     `parser:"@@ )"`
	Var   *name     `parser:"| '$' @@"`
}

// devicesGrammar is `devices = { … }`.
type devicesGrammar struct {
	Devices valueSet `parser:"'devices' '=' @@"`
}

// flowtableGrammar is a line of a flowtable.
type flowtableGrammar struct {
	Hook     *name           `parser:"'hook' @@"`
	Priority *priorityClause `parser:"@@"`
	Devices  *valueSet       `parser:"| 'devices' '=' @@"`
	Flag     *label          `parser:"| 'flags' @@"`
}

// helperGrammar is a line of a ct helper, ct timeout (without its policy) or ct
// expectation.
type ctObjectGrammar struct {
	Type     *label  `parser:"'type' @@"`
	TypeL4   *label  `parser:"'protocol' @@"`
	Protocol *label  `parser:"| 'protocol' @@"`
	L3Proto  *label  `parser:"| 'l3proto' @@"`
	Dport    *number `parser:"| 'dport' @@"`
	Size     *number `parser:"| 'size' @@"`
}

var (
	hookParser      = participle.MustBuild[hookGrammar](participle.Lexer(definition{}))
	devicesParser   = participle.MustBuild[devicesGrammar](participle.Lexer(definition{}))
	flowtableParser = participle.MustBuild[flowtableGrammar](participle.Lexer(definition{}))
	ctObjectParser  = participle.MustBuild[ctObjectGrammar](participle.Lexer(definition{}))
)

// A name is a leaf: nft's STRING, with its place.
type name Word

// Parse takes a token that is a string and no keyword.
func (n *name) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if k := leafKind(t); !k.isString() || k == tWord && reservedWords[t.Value] {
		return needs(lex, "string")
	}
	*n = name(leafWord(lex.Next()))
	return nil
}

// A label is a name, a keyword or a quoted string, with its place.
type label Word

// Parse takes a token that is any kind of string.
func (n *label) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if k := leafKind(t); !k.isString() && k != tQuoted && k != tAsterisk {
		return needs(lex, "string")
	}
	*n = label(leafWord(lex.Next()))
	return nil
}

// A plain is a label that does not end in an unquoted asterisk.
type plain label

// Parse takes a token that is a string or a quoted string.
func (n *plain) Parse(lex *lexer.PeekingLexer) error {
	if k := leafKind(lex.Peek()); k == tAsterisk || (*label)(n).Parse(lex) != nil {
		return needs(lex, "string or quoted string or '$'")
	}
	return nil
}

// A number is an unsigned number with its place.
type number Number

// Parse takes a number.
func (n *number) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if leafKind(t) != tNumber {
		return participle.NextMatch
	}
	lex.Next()
	v, err := parseNumber(t.Value)
	*n = number{Pos: Pos{leafSpan(t)}, Value: v}
	return err
}

// An offset is `+ 10`, `- 10` or nothing.
type offset struct {
	Minus  bool
	Number *number
}

// Parse takes a sign and then a number.
func (o *offset) Parse(lex *lexer.PeekingLexer) error {
	sign := lex.Peek().Value
	if sign != "+" && sign != "-" {
		return nil
	}
	lex.Next()
	if leafKind(lex.Peek()) != tNumber {
		return needs(lex, "number")
	}
	o.Minus, o.Number = sign == "-", new(number)
	return o.Number.Parse(lex)
}

// A keyword is the word that starts a clause, with its place.
type keyword Pos

// Parse takes the word priority, the only one that needs a place.
func (k *keyword) Parse(lex *lexer.PeekingLexer) error {
	if lex.Peek().Value != "priority" {
		return needs(lex, "priority")
	}
	*k = keyword{leafSpan(lex.Next())}
	return nil
}

// A minus is the sign of a number.
type minus Pos

// Parse takes a minus.
func (m *minus) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if t.Value != "-" {
		return participle.NextMatch
	}
	*m = minus{leafSpan(lex.Next())}
	return nil
}

// A mark is a brace with its place.
type mark Pos

// Parse takes a brace.
func (m *mark) Parse(lex *lexer.PeekingLexer) error {
	t := lex.Peek()
	if t.Value != "{" && t.Value != "}" {
		return participle.NextMatch
	}
	*m = mark{leafSpan(lex.Next())}
	return nil
}

// leafKind undoes tokenType for leaves.
func leafKind(t *lexer.Token) kind {
	if t.Type > -2 || t.Type == operatorType {
		return tEOF
	}
	return kind(-2 - t.Type)
}

func leafSpan(t *lexer.Token) Span {
	return Span{Start: uint32(t.Pos.Offset), End: uint32(t.Pos.Offset + len(t.Value))}
}

func leafWord(t *lexer.Token) Word {
	w := Word{Pos: Pos{leafSpan(t)}, Text: t.Value}
	if leafKind(t) == tQuoted {
		w.Text, w.Quoted = w.Text[1:len(w.Text)-1], true
	}
	return w
}

// needs is the error of a leaf that can't match.
func needs(lex *lexer.PeekingLexer, what string) error {
	return participle.Errorf(lex.Peek().Pos, "%s%s", needsPrefix, what)
}

const needsPrefix = "needs "

// parseLine runs a declaration parser over the tokens of the current line and
// moves behind what it took.
func parseLine[G any](p *parser, g *participle.Parser[G]) *G {
	end := p.lineEnd()
	lex, err := lexer.Upgrade(&tokenLexer{src: p.src[:p.toks[end].start], base: p.base, toks: p.toks[p.i:end]})
	if err != nil {
		p.failAt(p.span(), fmt.Sprint(err))
	}
	v, err := g.ParseFromLexer(lex, participle.AllowTrailing(true))
	if err != nil {
		p.failLine(err, end)
	}
	p.i += int(lex.RawCursor())
	return v
}
