package lang

// A TableBlock is what stands between the braces of a table.
type TableBlock struct {
	Pos
	Items   []TableItem // in source order
	Flags   []Word      // dormant, owner, persist
	Comment Word
}

// A TableItem is a *Chain, *Set, *Object, *Flowtable or *Define.
type TableItem interface {
	Node
	tableItem()
}

// A Chain is a chain block. Rules stand in source order; a chain without Hook
// is a regular chain (or, in a reopened block, any chain).
type Chain struct {
	Pos
	Name    Word
	Hook    *Hook
	Policy  Expr // *Symbol or *VarRef, nil if not written
	Devices Expr // a `devices = …` line of its own (1.1.x): *SetLit or *VarRef; nil if not written
	Flags   []Word
	Comment Word
	Rules   []*Rule
	Broken  bool // a line of the head has a syntax error, so what seems to be missing may be there
}

// A Hook is the line `type T hook H [device D] priority P`.
type Hook struct {
	Pos
	Type     Word
	Hook     Word
	Devices  []Expr // *Symbol or *VarRef, one for `device`; `devices = $x` is one *VarRef
	Priority *Priority
	// Classic tells that the chain is of iptables' kind, which has a hook more
	// than nft has: forward of arptables.
	Classic bool
}

// A Priority is `priority …`, a chain's or flowtable's priority: Base (a name as *Symbol, a
// *Number, or a *VarRef) plus Offset. `-5` is Base 5 with Negative set.
type Priority struct {
	Pos
	Base     Expr
	Negative bool  // the number in Base is negative
	Offset   int64 // of `name + 5`, `name - 5`
}

// A Rule is a list of statements. Its Span covers the text from the first
// statement to the last token.
type Rule struct {
	Pos
	Stmts   []Stmt
	Comment Word
	Text    string // as written, where that is not nft's language; else empty
	// Later, if not nil, are the rules that this one stands for (Options.Later).
	Later *RuleRun
}

// A Set is a set, map or verdict map declaration.
type Set struct {
	Pos
	Kind        string // "set", "map" or "meter"
	Name        Word
	Key         *TypeSpec // nil if not written
	Data        *TypeSpec // of a map
	Flags       []Word    // constant, interval, timeout, dynamic; all `flags` lines together
	FlagsSpan   Span
	Timeout     Duration
	GCInterval  Duration
	Size        Number
	Policy      Word
	AutoMerge   bool
	Comment     Word
	Stmts       []Stmt // counter, quota, limit, last, ct count: copied to each element
	Elements    Expr   // *SetLit or *VarRef, nil if not written
	ElementsPos Span   // of the word `elements`
	Broken      bool   // a line has a syntax error, so what seems to be missing may be there
}

// A TypeSpec is the key or data type of a set: `type a . b`, `typeof e . e`, or
// for data also `verdict` and the object kinds.
type TypeSpec struct {
	Pos
	Types    []Word // `type`: names of datatypes, as many as the concatenation has parts
	Typeof   Expr   // `typeof`: a selector or a *Concat of them
	Interval bool   // `interval` before the data type
	Verdict  bool   // data is `verdict`
	Object   string // data is an object kind: counter, quota, limit, synproxy, secmark, ct helper, ct timeout, ct expectation
}

// An Object is a named stateful object. Exactly the field of its Kind is set;
// all are nil where a block or its contents are left out.
type Object struct {
	Pos
	Kind        string // counter, quota, limit, secmark, synproxy, ct helper, ct timeout, ct expectation, tunnel
	Name        Word
	Comment     Word
	Counter     *Counter
	Quota       *Quota
	Limit       *Limit
	Synproxy    *Synproxy
	Secmark     *Secmark
	Helper      *CTHelper
	Timeout     *CTTimeout
	Expectation *CTExpectation
	Broken      bool // a line has a syntax error, so what seems to be missing may be there
}

// Secmark is the context string of a secmark object.
type Secmark struct {
	Pos
	Context Word
}

// CTHelper is the body of `ct helper NAME { type "ftp" protocol tcp; … }`.
type CTHelper struct {
	Pos
	Type     Word
	Protocol Word
	L3Proto  Word
}

// CTTimeout is the body of `ct timeout NAME { protocol tcp; policy = { … } }`.
type CTTimeout struct {
	Pos
	Protocol Word
	L3Proto  Word
	Policy   []CTTimeoutState
}

// CTTimeoutState is one `state : time` of a timeout policy.
type CTTimeoutState struct {
	Pos
	State Word
	Time  Duration
}

// CTExpectation is the body of `ct expectation NAME { … }`.
type CTExpectation struct {
	Pos
	Protocol Word
	Dport    Number
	Timeout  Duration
	Size     Number
	L3Proto  Word
}

// A Flowtable is a flowtable block.
type Flowtable struct {
	Pos
	Name     Word
	Hook     Word
	Priority *Priority
	Devices  []Expr // *Symbol or *VarRef
	Counter  bool
	Flags    []Word
	Broken   bool // a line has a syntax error, so what seems to be missing may be there
}

func (*Chain) tableItem()     {}
func (*Set) tableItem()       {}
func (*Object) tableItem()    {}
func (*Flowtable) tableItem() {}
func (*Define) tableItem()    {}
