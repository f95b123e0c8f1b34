package bytecode

import "nfvm/nf"

// A Pos is a place in the source: File indexes Program.Files, lines and columns
// count from 1 (columns in bytes), EndCol is the last column of the span. The
// zero Pos is unknown.
type Pos struct {
	File    uint32
	Line    uint32
	Col     uint32
	EndLine uint32
	EndCol  uint32
}

// A Program is a compiled ruleset: the state that the transaction leaves.
type Program struct {
	Files  []string // names of the source files, for Pos
	Tables []*Table
}

// A Table is an nf_tables table.
type Table struct {
	Family     nf.Family
	Name       string
	Handle     uint64
	Dormant    bool
	Persist    bool // stays when the process that owns it goes
	Comment    string
	Pos        Pos
	Chains     []*Chain // in order of creation
	Sets       []*Set   // in order of creation; Lookup.SetID indexes this
	Objects    []*Object
	Flowtables []*Flowtable
}

// A Chain is a base chain when Base is not nil.
type Chain struct {
	Name    string
	Handle  uint64
	Comment string
	Pos     Pos
	Base    *BaseChain
	Rules   []*Rule
	// Order is the moment of creation over the whole program: of base chains
	// with equal priority the one with the higher Order runs first.
	Order uint32
	// Dispatch are runs of rules in ascending order that don't overlap.
	Dispatch []Dispatch
}

// A BaseChain says where a chain is attached.
type BaseChain struct {
	Type     nf.ChainType
	Hook     nf.Hook
	Priority int32
	Policy   nf.Verdict // Accept or Drop
	// PolicySet tells whether the source named a policy.
	PolicySet bool
	Devices   []string
}

// A Rule is a list of expressions evaluated in order.
type Rule struct {
	Handle  uint64
	Comment string
	Pos     Pos
	Text    string // the source text of the rule, white space folded; a line of iptables begins with -
	// Order is the moment of creation, in the count of Chain.Order.
	Order   uint32
	Exprs   []Expr
	ExprPos []Pos // parallel to Exprs
	// Skip are the numbers (from 0, ascending) of expressions that need not be
	// run: tests that always pass when they are reached, and what only they read.
	Skip []uint32

	packed packed // in place of Order and what follows it, see Packer
}

// A Set is a set, a map, a verdict map or an object map.
type Set struct {
	Name    string
	Handle  uint64
	Comment string
	Pos     Pos
	Flags   uint32
	// KeyType is nft's datatype number (concatenations: 6 bits a field, the
	// first field in the highest bits); DataType likewise, DataTypeVerdict for
	// verdict maps.
	KeyType, DataType uint32
	// KeyLen is in bytes, each field of a concatenation padded to 4.
	KeyLen, DataLen uint32
	// FieldLens are the unpadded lengths in bytes of a concatenation's fields.
	FieldLens  []uint32
	ObjectType ObjectType
	Size       uint32
	Timeout    uint64 // milliseconds
	GCInterval uint64 // milliseconds
	Policy     uint32 // 0 performance, 1 memory
	PolicySet  bool
	AutoMerge  bool
	// TypeofKey and TypeofData are the expressions of a `typeof` declaration as
	// nft prints them, empty for a `type` declaration.
	TypeofKey, TypeofData string
	// KeyByteorderHost tells that a single-field key is in host byte order.
	KeyByteorderHost  bool
	DataByteorderHost bool
	DataInterval      bool   // data are ranges: min and max, DataLen bytes together
	Exprs             []Expr // stateful expressions of every element
	Elements          []Element
	// Source, if not nil, gives the elements in place of Elements, of a program
	// that is only encoded.
	Source ElementSource

	packed packedSet // in place of Elements, see Packer
}

// An ElementSource makes the elements of a set one by one. An element may be
// used until the next one.
type ElementSource interface {
	Len() int
	Each(f func(*Element))
	// Parts gives sources of about n elements each that together give the same.
	// They may be used at the same time.
	Parts(n int) []ElementSource
}

// Len is the number of elements.
func (s *Set) Len() int {
	if s.Source != nil {
		return s.Source.Len()
	}
	return len(s.Elements) + s.packed.n
}

// An Element is one entry of a set. Intervals of single-field sets are two
// entries as nft sends them: a start, and an end (exclusive) with IntervalEnd.
// Concatenations with ranges have KeyEnd (inclusive).
type Element struct {
	Key, KeyEnd []byte
	IntervalEnd bool
	CatchAll    bool
	Data        []byte
	Verdict     nf.Verdict // of verdict maps
	Chain       string     // target of Jump and Goto
	Object      string     // of object maps
	HasTimeout  bool
	Timeout     uint64 // milliseconds; 0: the set's
	Expires     uint64 // milliseconds; 0: Timeout
	Comment     string
	Exprs       []Expr
	Pos         Pos
}

// An Object is a named stateful object.
type Object struct {
	Type    ObjectType
	Name    string
	Handle  uint64
	Comment string
	Pos     Pos
	// Exactly the field of Type is set.
	Counter   *Counter
	Quota     *Quota
	Limit     *Limit
	Connlimit *Connlimit
	CTHelper  *CTHelperObject
	CTTimeout *CTTimeoutObject
	CTExpect  *CTExpectObject
	Synproxy  *Synproxy
	Secmark   string
}

// A CTHelperObject names a conntrack helper.
type CTHelperObject struct {
	Helper  string
	L4Proto uint8
	L3Proto nf.Family
}

// A CTTimeoutObject is a timeout policy: Values by state name, in seconds.
type CTTimeoutObject struct {
	L4Proto uint8
	L3Proto nf.Family
	Values  map[string]uint32
}

// A CTExpectObject is a template for expectations; Timeout in milliseconds.
type CTExpectObject struct {
	L4Proto uint8
	L3Proto nf.Family
	DPort   uint16
	Timeout uint32
	Size    uint8
}

// A Flowtable bypasses the rules for established connections.
type Flowtable struct {
	Name     string
	Handle   uint64
	Hook     nf.Hook
	Priority int32
	Devices  []string
	Flags    uint32
	Counter  bool
	Pos      Pos
}
