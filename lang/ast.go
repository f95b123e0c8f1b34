package lang

import "nfvm/diag"

// Span is the place of a node in the source text.
type Span = diag.Span

// A Node has a place.
type Node interface{ At() Span }

// Pos is embedded in every node.
type Pos struct{ Span Span }

// At gives the node's place.
func (p Pos) At() Span { return p.Span }

// A File is one parsed input with everything it includes.
type File struct {
	Name     string
	Sources  *diag.Sources // what the spans point into
	Commands []Command     // in source order; includes are spliced in
	Defines  []*Define     // of the outermost scope, in source order
	Later    bool          // some rules are yet to be parsed (Options.Later)
	// Lost are names in the heads of declarations with a syntax error: what has
	// such a name is not there, but may be declared well.
	Lost map[string]bool
}

// A Word is a name, a keyword or a quoted string together with its place. The
// zero Word is "not written".
type Word struct {
	Pos
	Text   string
	Quoted bool
}

// Set reports whether the word was written.
func (w Word) Set() bool { return w.Span.Valid() }

// A Number is an unsigned integer, decimal, hexadecimal (0x) or octal (leading
// 0) in the source. As an Expr it is an integer constant. The zero Number is
// "not written".
type Number struct {
	Pos
	Value uint64
}

// Set reports whether the number was written.
func (n Number) Set() bool { return n.Span.Valid() }

// A Duration is a time with units, such as 1h30m, in milliseconds. Never is the
// word `never`. A bare number where nft takes seconds is converted.
type Duration struct {
	Pos
	Millis uint64
	Never  bool
}

// Set reports whether the duration was written.
func (d Duration) Set() bool { return d.Span.Valid() }

// A Define is `define n = v`, `redefine n = v`, or a definition from the
// command line. Value is the expression as written: a number, symbol, range,
// list, concatenation, set literal, another variable …
type Define struct {
	Pos
	Name     Word
	Value    Expr
	Redefine bool
	Used     bool // some VarRef refers to it
	size     int  // words of the value with its variables replaced
}
