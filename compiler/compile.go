package compiler

import (
	"maps"
	"slices"
	"time"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/lang"
)

// Options say what names outside the ruleset mean.
type Options struct {
	// Iface finds the index of a network interface (`iif eth0`); nil knows none.
	Iface func(name string) (index uint32, ok bool)
	// User and Group find numbers for `meta skuid` and `meta skgid`.
	User, Group func(name string) (id uint32, ok bool)
	// Location is the time zone of `meta hour` and `meta time`, Now the moment
	// whose offset from UTC counts for hours; the zero values mean UTC.
	Location *time.Location
	Now      time.Time
	// Label finds the bit of a connection label.
	Label func(name string) (bit uint32, ok bool)
	// Cgroup finds a cgroup's number by its path, for `socket cgroupv2`.
	Cgroup func(path string) (id uint64, ok bool)
	// Env, if not nil, is used instead of the functions above.
	Env *datatype.Env
	// Level is the level of optimisation: 0 is exactly nft's bytecode, 1 adds
	// annotations (see package optimize).
	Level int
	// Consume is for a program that will only be encoded: the files are taken
	// apart as they are compiled, there is no listing, and large sets have a
	// Source. It takes much less memory for a large ruleset.
	Consume bool
}

// A Result is a compiled transaction.
type Result struct {
	Program  *bytecode.Program
	compiler *compiler // for the listing, which is made on demand
}

// compiler is one run over a transaction.
type compiler struct {
	opt     Options
	env     *datatype.Env
	sources *diag.Sources
	diags   diag.List
	st      *state
	pos     *positions
	listing []listed
	speller diag.Speller
	spare   *ruleSpace      // what the next rule may be compiled in
	unborn  *setState       // what the elements of the next set of a rule may be evaluated for
	cells   []ruleCell      // for the next rules
	ahead   bool            // rules are compiled before their turn
	lost    map[string]bool // names of which a declaration of the file has a syntax error
	removes bool            // some command may change rules that stand already
	settler settler
	left    bool // of a rule compiled ahead: it must wait for its turn
}

// newCompiler makes a compiler whose spans point into sources.
func newCompiler(opt Options, sources *diag.Sources) *compiler {
	c := &compiler{opt: opt, env: opt.Env, st: newState(), sources: sources, pos: newPositions(sources), lost: map[string]bool{}}
	if c.env == nil {
		c.env = &datatype.Env{Iface: opt.Iface, User: opt.User, Group: opt.Group, Label: opt.Label,
			Cgroup: opt.Cgroup, Location: opt.Location, Now: opt.Now}
	}
	c.diags.Sources = sources
	return c
}

// Compile compiles the files of one transaction in order. With errors in the
// list the Result is nil.
func Compile(files []*lang.File, opt Options) (*Result, diag.List) {
	var sources *diag.Sources
	for _, f := range files {
		sources = f.Sources
	}
	c := newCompiler(opt, sources)
	c.removes = removes(files)
	for _, f := range files {
		maps.Copy(c.lost, f.Lost)
		c.commands(f.Commands)
	}
	c.checkAll()
	diags := c.diags
	if diags.HasErrors() {
		return nil, diags
	}
	res := &Result{Program: c.program()}
	if !opt.Consume {
		res.compiler = c
	}
	return res, diags
}

// errorf reports a mistake at a place.
func (c *compiler) errorf(at diag.Span, format string, args ...any) *diag.Diagnostic {
	return c.diags.Errorf(at, format, args...)
}

// program gives the state as a Program.
func (c *compiler) program() *bytecode.Program {
	p := &bytecode.Program{}
	for _, t := range c.st.order.all() {
		c.finishTable(t)
		p.Tables = append(p.Tables, t.Table)
	}
	p.Files = c.pos.files
	return p
}

// finishTable copies the lists of a table into its bytecode form and numbers
// the sets as the expressions refer to them.
func (c *compiler) finishTable(t *tableState) {
	settled := t.Sets
	t.Sets = t.Sets[:0]
	for i, s := range t.setList.all() {
		if s == forgotten {
			t.Sets = append(t.Sets, settled[i])
			continue
		}
		s.index = i
		s.finish(c)
		t.Sets = append(t.Sets, s.Set)
	}
	for _, o := range t.objectList.all() {
		t.Objects = append(t.Objects, o.Object)
	}
	for _, f := range t.flowList.all() {
		f.Devices = slices.Collect(f.devices.All())
		t.Flowtables = append(t.Flowtables, f.Flowtable)
	}
	for _, ch := range t.chainList.all() {
		if ch.Base != nil {
			ch.Base.Devices = slices.Collect(ch.devices.All())
		}
		ch.Rules = slices.Grow(ch.Rules, ch.rules.Len())
		for r := range ch.rules.All() {
			ch.Rules = append(ch.Rules, r.Rule)
		}
		t.Chains = append(t.Chains, ch.Chain)
	}
	c.renameTargets(t)
	c.settleTable(t)
}

// numberSets fills in the SetID of expressions that name a set.
func numberSets(t *tableState, exprs []bytecode.Expr) {
	id := func(name string) uint32 {
		if s := t.sets[name]; s != nil {
			return uint32(s.index)
		}
		return 0
	}
	for _, e := range exprs {
		switch e := e.(type) {
		case *bytecode.Lookup:
			e.SetID = id(e.Set)
		case *bytecode.Dynset:
			e.SetID = id(e.Set)
		case *bytecode.Objref:
			if e.Set != "" {
				e.SetID = id(e.Set)
			}
		}
	}
}
