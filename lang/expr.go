package lang

// An Expr is an expression. Values: *Symbol, *Number, *VarRef, *SetRef,
// *Wildcard, *Range, *Prefix, *List, *Concat, *SetLit, *Verdict. Selectors
// (what a packet has): *Payload, *RawPayload, *Inner, *Exthdr, *TCPOption,
// *IPOption, *SCTPChunk, *DCCPOption, *Meta, *CT, *Fib, *Rt, *Socket, *Osf,
// *Ipsec, *Numgen, *JHash, *SymHash. Operators: *Binary, *Map. In a relation
// nested inside parentheses or a bit test also *Relational.
type Expr interface {
	Node
	expr()
}

// SymbolKind says how a symbol was written.
type SymbolKind uint8

const (
	SymWord    SymbolKind = iota // bare word, possibly a keyword (tcp, accept, exists …)
	SymQuoted                    // "…"; Text without the quotes
	SymIPv4                      // four dotted groups, not yet range checked
	SymIPv6                      // IPv6 literal, without brackets
	SymMAC                       // six groups with colons
	SymTime                      // 1h30m
	SymClassID                   // 1:2
	SymNumber                    // a number beyond 64 bits
)

// A Symbol is a constant still to be resolved by the datatype it meets. Text is
// as written, for SymQuoted without quotes, with `\*` kept as it is.
type Symbol struct {
	Pos
	Text string
	Kind SymbolKind
}

// A VarRef is `$name`. Def is the definition in force at that place; the
// parser has reported it if there is none, and then Def is nil.
type VarRef struct {
	Pos
	Name string
	Def  *Define
}

// A SetRef is `@name`.
type SetRef struct {
	Pos
	Name string
}

// A Wildcard is `*`, the catch-all element.
type Wildcard struct{ Pos }

// A Range is `from-to`.
type Range struct {
	Pos
	From, To Expr
}

// A Prefix is `addr/len`.
type Prefix struct {
	Pos
	Addr Expr
	Len  Number
}

// A List is `a,b,c`, a combination of bits.
type List struct {
	Pos
	Items []Expr
}

// A Concat is `a . b . c`.
type Concat struct {
	Pos
	Parts []Expr
}

// A SetLit is `{ … }`: of a set, a map or a verdict map. Of large ones most
// elements are not in Elems but only in the text: Parts and All give all.
type SetLit struct {
	Pos
	Elems []Elem
	runs  []Run
}

// An Elem is one element of a set literal. Value is nil in a set; in a verdict
// map it is a *Verdict. Opts is nil without options.
type Elem struct {
	Pos   // key, options and value
	Key   Expr
	Value Expr
	Opts  *ElemOpts
}

// ElemOpts are the options of an element: `k timeout 1m expires 30s comment "x"
// counter packets 1 bytes 2`. Where options follow the value of a map element
// (1.1.x) they are here too.
type ElemOpts struct {
	Timeout Duration
	Expires Duration
	Comment Word
	Stmts   []Stmt // counter, quota, limit, last, ct count
}

// A Map is `key map M`; M is a *SetLit, *SetRef or *VarRef.
type Map struct {
	Pos
	Key Expr
	Map Expr
}

// BinaryOp is a bit operation.
type BinaryOp uint8

const (
	OpAnd BinaryOp = iota
	OpOr
	OpXor
	OpLshift
	OpRshift
)

var binaryNames = [...]string{"&", "|", "^", "<<", ">>"}

// String gives the operator as nft prints it.
func (o BinaryOp) String() string { return binaryNames[o] }

// A Binary is `l op r`.
type Binary struct {
	Pos
	Op          BinaryOp
	Left, Right Expr
	OpSpan      Span
}

// VerdictKind is the kind of a verdict.
type VerdictKind uint8

const (
	VerdictAccept VerdictKind = iota
	VerdictDrop
	VerdictContinue
	VerdictReturn
	VerdictJump
	VerdictGoto
)

var verdictNames = [...]string{"accept", "drop", "continue", "return", "jump", "goto"}

// String gives the verdict's word.
func (v VerdictKind) String() string { return verdictNames[v] }

// A Verdict is a verdict as the value of a map or as a statement. For jump and
// goto either Chain (a *Symbol or *VarRef) or Block (an anonymous chain) is
// set.
type Verdict struct {
	Pos
	Kind  VerdictKind
	Chain Expr
	Block *Chain
}

// Op is the operator of a relation.
type Op uint8

const (
	OpImplicit Op = iota // not written
	OpEq
	OpNeq
	OpLt
	OpGt
	OpLe
	OpGe
	OpNot // `!`: none of the bits
)

var opNames = [...]string{"", "==", "!=", "<", ">", "<=", ">=", "!"}

// String gives the operator as nft prints it.
func (o Op) String() string { return opNames[o] }

// A Relational is a comparison: `left op right`, or with Mask the flag test
// `left op right / mask`.
type Relational struct {
	Pos
	Op     Op
	Left   Expr
	Right  Expr
	Mask   Expr // nil if not written
	OpSpan Span
}

func (*Symbol) expr()     {}
func (*Number) expr()     {}
func (*VarRef) expr()     {}
func (*SetRef) expr()     {}
func (*Wildcard) expr()   {}
func (*Range) expr()      {}
func (*Prefix) expr()     {}
func (*List) expr()       {}
func (*Concat) expr()     {}
func (*SetLit) expr()     {}
func (*Map) expr()        {}
func (*Binary) expr()     {}
func (*Verdict) expr()    {}
func (*Relational) expr() {}

// A Negative is `-N` as the value of a definition.
type Negative struct {
	Pos
	Number Number
}

func (*Negative) expr() {}
