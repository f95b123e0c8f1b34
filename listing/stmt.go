package listing

import "nfvm/bytecode"

// stmtKind tells what a statement is.
type stmtKind uint8

const (
	stmtMatch stmtKind = iota
	stmtVmap
	stmtSet    // payload, meta, ct, exthdr or map write: left is the target
	stmtDynset // left is the key, right the data
	stmtObjref // left is the key of an object map
	stmtNAT    // parts: addr min, addr max, port min, port max
	stmtTProxy // the same
	stmtDup    // parts: addr, device
	stmtFwd    // parts: device, addr
	stmtQueue  // left: number expression
	stmtPlain  // all else: src says everything
)

// firstPort is the place of the least port among the parts of stmtNAT and
// stmtTProxy.
const firstPort = 2

// A stmt is a statement of the nft language.
type stmt struct {
	kind        stmtKind
	op          string // match: "", "==", "!=", "<", "!" ...; "" prints nothing
	left, right *node
	parts       [4]*node
	src         bytecode.Expr
	// rejectFamily is the family that a reject's code belongs to, and verbose
	// tells that the code is printed even if it is the default.
	reject  rejectKind
	verbose bool
	dead    bool // implied by a later statement
}

// rejectKind tells which table of codes a reject uses.
type rejectKind uint8

const (
	rejectX rejectKind = iota
	reject4
	reject6
)
