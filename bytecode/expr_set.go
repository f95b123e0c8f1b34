package bytecode

// Lookup searches a set, or a map when HasDReg.
type Lookup struct {
	Set     string // name; anonymous sets have their allocated name, "__set0"
	SetID   uint32 // index in the table's Sets
	SReg    Reg
	DReg    Reg
	HasDReg bool
	Invert  bool
}

// A DynsetOp is what a dynset expression does to its set.
type DynsetOp uint8

const (
	DynsetAdd DynsetOp = iota
	DynsetUpdate
	DynsetDelete
)

// Dynset adds, refreshes or deletes an element of a set from the packet path.
type Dynset struct {
	Op       DynsetOp
	Set      string
	SetID    uint32
	SReg     Reg
	SRegData Reg    // 0: none
	Timeout  uint64 // milliseconds; 0: the set's
	Invert   bool
	Exprs    []Expr // stateful expressions of a new element
}

// Objref runs a named object, or the object a map gives when Set is not empty.
type Objref struct {
	Type   ObjectType
	Object string
	Set    string
	SetID  uint32
	SReg   Reg
}

func (*Lookup) Name() string { return "lookup" }
func (*Dynset) Name() string { return "dynset" }
func (*Objref) Name() string { return "objref" }
