package lang

// A Command is one command of a file: *TableCmd, *ChainCmd, *RuleCmd, *SetCmd,
// *ElementCmd, *ObjectCmd, *FlowtableCmd, *FlushCmd, *RenameCmd, *ListCmd,
// *OtherCmd.
type Command interface {
	Node
	command()
}

// A Verb is the first word of a command.
type Verb uint8

const (
	VerbAdd Verb = iota // also where the verb is left out, and for blocks
	VerbCreate
	VerbInsert
	VerbReplace
	VerbDelete
	VerbDestroy
	VerbGet
	VerbList
	VerbReset
)

var verbNames = [...]string{"add", "create", "insert", "replace", "delete", "destroy", "get", "list", "reset"}

// String gives the verb's word.
func (v Verb) String() string { return verbNames[v] }

// A Path names an object: family, table and, below the table, chain, set or
// object. Family is not written where it is left out (nft means ip); a word
// that is no family can't get here. Handle is the number after `handle` in
// commands that name their object by it.
type Path struct {
	Family Word
	Table  Word
	Name   Word // chain, set, map, meter, object or flowtable
	Handle Number
}

// FamilyName gives the family with nft's default.
func (p Path) FamilyName() string {
	if p.Family.Text == "" {
		return "ip"
	}
	return p.Family.Text
}

// TableCmd is `table …`, `add|create|delete|destroy table …`. Body is nil
// without a block.
type TableCmd struct {
	Pos
	Verb Verb
	Path Path
	Body *TableBlock
}

// ChainCmd is `add|create|delete|destroy chain …`. Body is nil without a block.
type ChainCmd struct {
	Pos
	Verb Verb
	Path Path
	Body *Chain
}

// A PlaceKind is the word that says where a rule goes.
type PlaceKind uint8

const (
	PlaceNone     PlaceKind = iota
	PlaceHandle             // handle N: after (add), before (insert), instead of (replace), that rule (delete)
	PlacePosition           // position N: old word for handle
	PlaceIndex              // index N: rule number from 0
)

// RuleCmd is `[add|insert|replace|delete|destroy|create|reset] rule …`. Rule is
// nil for delete, destroy and reset.
type RuleCmd struct {
	Pos
	Verb   Verb
	Path   Path // Name is the chain
	Place  PlaceKind
	Number Number // handle, position or index
	Rule   *Rule
}

// SetCmd is `add|create|delete|destroy set|map|meter …`. Body is nil without a
// block.
type SetCmd struct {
	Pos
	Verb Verb
	Kind string // set, map, meter
	Path Path
	Body *Set
}

// ElementCmd is `add|create|delete|destroy|get|reset element …`. Elements is a
// *SetLit or a *VarRef.
type ElementCmd struct {
	Pos
	Verb     Verb
	Path     Path // Name is the set or map
	Elements Expr
}

// ObjectCmd is `add|create|delete|destroy counter|quota|limit|secmark|synproxy|
// ct helper|ct timeout|ct expectation …`. Body is nil for delete and destroy.
type ObjectCmd struct {
	Pos
	Verb Verb
	Kind string // as Object.Kind
	Path Path
	Body *Object
}

// FlowtableCmd is `add|create|delete|destroy flowtable …`. Body is nil without
// a block; `delete flowtable f t x { devices = … }` has one.
type FlowtableCmd struct {
	Pos
	Verb Verb
	Path Path
	Body *Flowtable
}

// FlushCmd is `flush ruleset|table|chain|set|map|meter …`. For ruleset only
// Path.Family can be written.
type FlushCmd struct {
	Pos
	What string
	Path Path
}

// RenameCmd is `rename chain f t old new`; Path.Name is the old name.
type RenameCmd struct {
	Pos
	Path Path
	New  Word
}

// ListCmd is `list …` or `reset …` except for rules and elements: What is the
// kind as written (`ruleset`, `table`, `chains`, `ct helpers`, `hooks` …).
type ListCmd struct {
	Pos
	Verb Verb // VerbList or VerbReset
	What string
	Path Path
}

// OtherCmd is a command that has no meaning in a rule file: `describe`,
// `monitor`, `import`, `export`.
type OtherCmd struct {
	Pos
	Name string
	Args []Word
	Expr Expr // of describe, nil for others
}

func (*TableCmd) command()     {}
func (*ChainCmd) command()     {}
func (*RuleCmd) command()      {}
func (*SetCmd) command()       {}
func (*ElementCmd) command()   {}
func (*ObjectCmd) command()    {}
func (*FlowtableCmd) command() {}
func (*FlushCmd) command()     {}
func (*RenameCmd) command()    {}
func (*ListCmd) command()      {}
func (*OtherCmd) command()     {}
