package compiler

import (
	"nfvm/bytecode"
	"nfvm/compiler/optimize"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/nf"
)

// The state of the transaction: what exists after the commands so far, as the
// kernel would see it. Names are found by maps, order is kept by the program.
type state struct {
	tables     map[tableKey]*tableState
	order      roster[*tableState]
	families   [nf.FamilyIPv6 + 1]roster[*tableState]
	tableCount uint64 // handles of tables
	chainOrder uint32 // moments of registration of base chains
}

type tableKey struct {
	family nf.Family
	name   string
}

// A tableState is a table with its indexes.
type tableState struct {
	*bytecode.Table
	at         diag.Span
	owned      bool   // declared with the flag owner
	handles    uint64 // last handle given out
	chains     map[string]*chainState
	sets       map[string]*setState
	objects    map[objectKey]*objectState
	flowtables map[string]*flowtableState
	deviceOf   map[string]*flowtableState // by the names of devices
	chainList  roster[*chainState]
	setList    roster[*setState]
	objectList roster[*objectState]
	flowList   roster[*flowtableState]
	free       map[string]int // next number of anonymous sets by stem
	filled     []*chainState  // chains that may have rules
	blocks     int            // anonymous chains so far
	renamed    bool           // some chain that others call was
	survey     *optimize.Survey
}

// set finds a set by its name. Those of rules have names that the kernel gives
// them later: commands do not find them.
func (t *tableState) set(name string) *setState {
	s := t.sets[name]
	if s != nil && s.anonymousSet() && !s.meter {
		return nil
	}
	return s
}

func (t *tableState) nextHandle() uint64 {
	t.handles++
	return t.handles
}

// A chainState is a chain with its rules and who jumps to it.
type chainState struct {
	*bytecode.Chain
	table *tableState
	at    diag.Span // of the name in its declaration
	rules ruleList
	uses  int // jumps and map elements that name it
	// devices are those of a base chain; its Devices are written at the end.
	devices deviceList
	// anonymous chains belong to the rule that jumps to them.
	anonymous bool
	broken    bool // its head has a mistake, so that its hook is not known
}

// A ruleState is a rule with what the load-time checks need.
type ruleState struct {
	*bytecode.Rule
	settled bool // nothing more will change, see settle.go
	*refs
	*pending
	asks optimize.Asks // once settled
}

// refs are what a rule refers to; most refer to nothing.
type refs struct {
	jumps  []jumpTo
	sets   []*setState // named and anonymous
	objs   []*objectState
	flows  []*flowtableState
	places []placed
}

// A jumpTo is a jump or goto out of a rule.
type jumpTo struct {
	to *chainState
	at diag.Span
}

// A placed is a statement that only some hooks and chain types allow.
type placed struct {
	what  string // the statement's name
	where bytecode.Places
	at    diag.Span
}

// An objectKey names a stateful object: each kind has names of its own.
type objectKey struct {
	kind bytecode.ObjectType
	name string
}

type objectState struct {
	*bytecode.Object
	at     diag.Span
	uses   int
	broken bool
}

type flowtableState struct {
	*bytecode.Flowtable
	at      diag.Span
	uses    int
	devices deviceList // Devices are written at the end
}

// A setState is a set with the types of its key and data.
type setState struct {
	*bytecode.Set
	table *tableState
	at    diag.Span
	index int // in the table's list
	key   info
	data  info // of a map
	// typeofKey and typeofData are the expressions of a typeof declaration.
	typeofKey, typeofData lang.Expr
	keys                  *keyIndex // of rows, of sets without intervals
	rows                  *rows     // elements as declared; nil: none were
	learn                 []elem    // of an anonymous set: what its elements were made of
	order                 *rowOrder // of the rows of an interval set; nil: there were none
	grove                 *grove    // of the rows of a set of boxes that are looked into
	met                   int       // rows before this are checked by checkBoxes
	uses                  int
	sized                 bool // size was written
	meter                 bool
	listed                int  // index of its declaration in the listing, -1: none
	broken                bool // its declaration is wrong: uses are not reported
	partial               bool // a line of its declaration is: what it seems to lack may be there
}

func (s *setState) is(flag uint32) bool { return s.Flags&flag != 0 }

// interval tells whether elements are ranges over one field.
func (s *setState) interval() bool { return s.is(bytecode.SetInterval) && len(s.key.parts) == 0 }

// merges tells whether overlapping and adjacent elements become one.
// free reports whether elements bring statements of their own: in a set for
// rules to add to that declares none.
func (s *setState) free() bool { return s.is(bytecode.SetEval) && len(s.Exprs) == 0 }

func (s *setState) merges() bool { return s.AutoMerge && s.interval() }

func newState() *state { return &state{tables: map[tableKey]*tableState{}} }

func (st *state) table(f nf.Family, name string) *tableState {
	return st.tables[tableKey{f, name}]
}

// named gives the first table of that name in the order of families, or nil.
func (st *state) named(name string) *tableState {
	for f := nf.FamilyUnspec; f <= nf.FamilyIPv6; f++ {
		if t := st.table(f, name); t != nil {
			return t
		}
	}
	return nil
}

// addTable makes a table; it must not exist.
func (st *state) addTable(f nf.Family, name string, at diag.Span) *tableState {
	st.tableCount++
	t := &tableState{
		Table:      &bytecode.Table{Family: f, Name: name, Handle: st.tableCount},
		at:         at,
		chains:     map[string]*chainState{},
		sets:       map[string]*setState{},
		objects:    map[objectKey]*objectState{},
		flowtables: map[string]*flowtableState{},
		deviceOf:   map[string]*flowtableState{},
		survey:     optimize.NewSurvey(),
	}
	st.tables[tableKey{f, name}] = t
	st.order.add(t)
	st.families[f].add(t)
	return t
}

// deleteTable removes a table and all it holds.
func (st *state) deleteTable(t *tableState) {
	delete(st.tables, tableKey{t.Family, t.Name})
	st.order.remove(t)
	st.families[t.Family].remove(t)
}

// flush removes all tables, or those of one family, and gives them.
func (st *state) flush(f nf.Family) []*tableState {
	gone := st.order.all()
	if f != nf.FamilyUnspec {
		gone = st.families[f].all()
	}
	for _, t := range gone {
		st.deleteTable(t)
	}
	return gone
}

// dropRule forgets what a rule refers to.
func (c *chainState) dropRule(r *ruleState) {
	for _, j := range r.jumps {
		j.to.uses--
		if j.to.anonymous {
			j.to.flush()
			c.table.chainList.remove(j.to)
			delete(c.table.chains, j.to.Name)
		}
	}
	for _, s := range r.sets {
		s.uses--
		if s.is(bytecode.SetAnonymous) {
			s.clear(c.table)
			c.table.setList.remove(s)
			delete(c.table.sets, s.Name)
		}
	}
	for _, o := range r.objs {
		o.uses--
	}
	for _, f := range r.flows {
		f.uses--
	}
}

// insert puts a rule at index i of a chain.
func (c *chainState) insert(i int, r *ruleState) {
	if c.rules.Len() == 0 {
		c.table.filled = append(c.table.filled, c)
	}
	c.rules.insert(i, r)
}

// flush removes all rules of a chain.
func (c *chainState) flush() {
	for r := range c.rules.All() {
		c.dropRule(r)
	}
	c.rules = ruleList{}
}

// typeInfo makes the info of a value of type t.
func typeInfo(t *datatype.Type) info {
	return info{typ: t, order: t.Byteorder, width: t.Size}
}
