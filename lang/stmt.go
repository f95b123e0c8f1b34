package lang

// A Stmt is a statement of a rule: *Match, *VerdictStmt, *VMap, *Counter,
// *Quota, *Limit, *Last, *ConnCount, *ObjRef, *Log, *Reject, *NAT, *TProxy,
// *Synproxy, *Assign, *ResetOption, *SetUpdate, *Meter, *Notrack, *Dup, *Fwd,
// *FlowAdd, *Queue, *XT.
type Stmt interface {
	Node
	stmt()
}

// A Match is a relation as a statement.
type Match struct{ Relational }

// A VerdictStmt is `accept`, `jump x`, `goto { … }` …
type VerdictStmt struct {
	Pos
	Verdict *Verdict
}

// A VMap is `key vmap M`; M is a *SetLit, *SetRef or *VarRef.
type VMap struct {
	Pos
	Key Expr
	Map Expr
}

// A Counter is `counter [packets P bytes B]`.
type Counter struct {
	Pos
	Packets Number
	Bytes   Number
}

// A Quota is `quota [over|until] N UNIT [used N UNIT]`; the amounts are in
// bytes, units already applied (kbytes 1024, mbytes 1048576).
type Quota struct {
	Pos
	Over bool
	Size Number
	Used Number
}

// A Limit is `limit rate [over|until] N[ bytes]/UNIT [burst M[ bytes]]`.
type Limit struct {
	Pos
	Over  bool
	Bytes bool   // the rate counts bytes, Rate and Burst with units applied
	Rate  Number // per Unit
	Unit  uint64 // seconds: 1, 60, 3600, 86400, 604800
	Burst Number // not written: nft's default (5 packets, 0 bytes)
	// BurstBytes: the burst was written with a byte unit.
	BurstBytes bool
}

// A Last is `last [used never|TIME]`.
type Last struct {
	Pos
	Used Duration
}

// A ConnCount is `ct count [over|until] N`.
type ConnCount struct {
	Pos
	Over  bool
	Count Number
}

// An ObjRef refers to a named object: `counter name "x"`, `limit name EXPR map
// @m`, `ct helper set "ftp"` (Kind "ct helper"), also ct timeout and ct
// expectation.
type ObjRef struct {
	Pos
	Kind string
	Ref  Expr
}

// A Log is `log [prefix "…"] [level L] [group N] [snaplen N] [queue-threshold N]
// [flags …]`.
type Log struct {
	Pos
	Prefix    Word   // variables already expanded into Text
	Level     Word   // emerg … debug, audit
	Group     Number // 16 bit
	Snaplen   Number
	Threshold Number
	Flags     []Word // "tcp sequence", "tcp options", "ip options", "skuid", "ether", "all"
}

// A Reject is `reject [with KIND [type] CODE]`: Kind is "" (default), "icmp",
// "icmpv6", "icmpx" or "tcp reset"; Code is nil for the default and for reset.
type Reject struct {
	Pos
	Kind Word
	Code Expr
}

// A NAT is `snat|dnat [ip|ip6] [prefix|interval] to ADDR[:PORT] [FLAGS]`,
// `masquerade [to :PORT] [FLAGS]` or `redirect [to :PORT] [FLAGS]`.
type NAT struct {
	Pos
	Kind   string // snat, dnat, masquerade, redirect
	Family Word   // ip, ip6
	Prefix bool   // `prefix to`
	// Concat is the deprecated `snat ip addr . port to`.
	Concat bool
	// Interval is the deprecated `snat ip interval to`.
	Interval bool
	Addr     Expr
	Port     Expr
	Flags    []Word // random, fully-random, persistent
}

// A TProxy is `tproxy [ip|ip6] to [ADDR][:PORT]`.
type TProxy struct {
	Pos
	Family Word
	Addr   Expr
	Port   Expr
}

// A Synproxy is `synproxy [mss N] [wscale N] [timestamp] [sack-perm]`, as a
// statement or the body of an object.
type Synproxy struct {
	Pos
	MSS       Number
	Wscale    Number
	Timestamp bool
	SackPerm  bool
	// SynOnly and ECN are of iptables' target: it takes nothing for a SYN that has
	// other flags of a handshake besides, and knows ECN.
	SynOnly, ECN bool
}

// An Assign is `TARGET set VALUE`: Target is a *Meta, *CT, *Payload,
// *RawPayload, *Exthdr or *TCPOption.
type Assign struct {
	Pos
	Target Expr
	Value  Expr
}

// A ResetOption is `reset tcp option KIND`.
type ResetOption struct {
	Pos
	Option *TCPOption
}

// UpdateOp is what a rule does to a set.
type UpdateOp uint8

const (
	UpdateAdd UpdateOp = iota
	UpdateUpdate
	UpdateDelete
)

var updateNames = [...]string{"add", "update", "delete"}

// String gives the operation's word.
func (o UpdateOp) String() string { return updateNames[o] }

// A SetUpdate is `add|update|delete @s { KEY [timeout T] … [: VALUE] }`.
type SetUpdate struct {
	Pos
	Op    UpdateOp
	Set   Expr // *SetRef, or *VarRef
	Elem  Elem // Value nil for a set
	Stmts []Stmt
}

// A Meter is `meter NAME [size N] { KEY [timeout T] STMT }`.
type Meter struct {
	Pos
	Name Word
	Size Number
	Elem Elem
	Stmt Stmt
}

// A Notrack is `notrack`.
type Notrack struct{ Pos }

// A Dup is `dup to ADDR [device DEV]`; in netdev tables Addr is the device.
type Dup struct {
	Pos
	Addr Expr
	Dev  Expr
}

// A Fwd is `fwd to DEV` or `fwd ip|ip6 to ADDR device DEV`.
type Fwd struct {
	Pos
	Family Word
	Addr   Expr
	Dev    Expr
}

// A FlowAdd is `flow add @ft`, or `flow offload @ft`.
type FlowAdd struct {
	Pos
	Flowtable Word
}

// A Queue is `queue [flags F] [to|num EXPR] [F]`; Num is nil for queue 0, else
// a number, a *Range, a *VarRef or an expression such as a *Map, *Numgen.
type Queue struct {
	Pos
	Num   Expr
	Flags []Word // bypass, fanout
}

// An XT is `xt TYPE NAME`, an iptables extension inside a rule. Only rules of
// iptables itself can say what it does: Rev and Info are the revision and the
// parameters in the kernel's layout, nil where nft text names one.
type XT struct {
	Pos
	Type Word
	Name Word
	Rev  uint8
	Info []byte
}

func (*Match) stmt()       {}
func (*VerdictStmt) stmt() {}
func (*VMap) stmt()        {}
func (*Counter) stmt()     {}
func (*Quota) stmt()       {}
func (*Limit) stmt()       {}
func (*Last) stmt()        {}
func (*ConnCount) stmt()   {}
func (*ObjRef) stmt()      {}
func (*Log) stmt()         {}
func (*Reject) stmt()      {}
func (*NAT) stmt()         {}
func (*TProxy) stmt()      {}
func (*Synproxy) stmt()    {}
func (*Assign) stmt()      {}
func (*ResetOption) stmt() {}
func (*SetUpdate) stmt()   {}
func (*Meter) stmt()       {}
func (*Notrack) stmt()     {}
func (*Dup) stmt()         {}
func (*Fwd) stmt()         {}
func (*FlowAdd) stmt()     {}
func (*Queue) stmt()       {}
func (*XT) stmt()          {}
