package vm

import (
	"fmt"
	"slices"

	"nfvm/bytecode"
	"nfvm/classify"
)

// Options change how a program is loaded.
type Options struct {
	// Prev is the ruleset that the new one replaces. Named objects, elements
	// that packets added, and the counters of rules that stay are taken over.
	Prev *Ruleset
	// Later leaves the taking over to a call of TakeOver, so that the ruleset in
	// force can go on meanwhile. What belongs to the host (see Shared) is shared
	// at once.
	Later bool
	// Now is the present in nanoseconds since the epoch, from which timeouts
	// and limits count.
	Now int64
	// Rand gives seeds to hashes that name none; nil: seed 0.
	Rand func() uint32
	// Plain turns the fusing of instructions off, and leaves the program's
	// annotations out.
	Plain bool
}

// Load verifies a program and makes it executable. The error names the
// statement and its source position if the program is wrong or asks for
// something that this machine does not do; it is a *bytecode.VerifyError.
func Load(p *bytecode.Program, opt Options) (*Ruleset, error) {
	if err := bytecode.Verify(p); err != nil {
		return nil, err
	}
	r := &Ruleset{Program: p, recents: make(map[string]*recentList), hashes: make(map[string]*hashTable)}
	if opt.Prev != nil {
		r.recents, r.hashes = opt.Prev.recents, opt.Prev.hashes
	}
	for _, t := range p.Tables {
		l := &loader{Options: opt, program: p, decl: t, now: opt.Now, ruleset: r, recents: r.recents, hashes: r.hashes}
		loaded, err := l.table()
		if err != nil {
			return nil, err
		}
		r.tables = append(r.tables, loaded)
	}
	r.attach()
	if opt.Prev != nil && !opt.Later {
		r.TakeOver(opt.Prev)
	}
	return r, nil
}

type objectKey struct {
	typ  bytecode.ObjectType
	name string
}

// A loader loads one table.
type loader struct {
	Options
	program  *bytecode.Program
	ruleset  *Ruleset
	decl     *bytecode.Table
	now      int64
	chains   map[string]*Chain
	objects  map[objectKey]*object
	sets     []*Set
	changing map[*bytecode.Set]bool // by packets
	recents  map[string]*recentList
	hashes   map[string]*hashTable
	// dispatches tells that some chain has indexes, which reader makes.
	dispatches bool
	reader     *classify.Reader

	chain *bytecode.Chain // where the loader is
	index int
	pos   bytecode.Pos
}

func (l *loader) tableName() string { return l.decl.Family.String() + " " + l.decl.Name }

func (l *loader) errorf(format string, a ...any) error {
	e := &bytecode.VerifyError{Pos: l.pos, Table: l.tableName(), Msg: fmt.Sprintf(format, a...)}
	if l.chain != nil {
		e.Chain, e.Rule = l.chain.Name, l.index+1
	}
	if int64(l.pos.File) < int64(len(l.program.Files)) {
		e.File = l.program.Files[l.pos.File]
	}
	return e
}

func (l *loader) table() (*table, error) {
	t := &table{decl: l.decl}
	l.chains = make(map[string]*Chain)
	for _, c := range l.decl.Chains {
		loaded := &Chain{Family: l.decl.Family, Table: l.decl, of: l.ruleset, Chain: c}
		l.chains[c.Name] = loaded
		t.chains = append(t.chains, loaded)
	}
	if err := l.loadObjects(t); err != nil {
		return nil, err
	}
	l.findChanging()
	l.dispatches = slices.ContainsFunc(l.decl.Chains, func(c *bytecode.Chain) bool { return len(c.Dispatch) > 0 })
	for _, s := range l.decl.Sets {
		loaded, err := l.loadSet(s)
		if err != nil {
			return nil, err
		}
		loaded.changing = l.changing[s]
		l.sets = append(l.sets, loaded)
	}
	t.sets = l.sets
	for _, c := range t.chains {
		if err := l.loadRules(c); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// findChanging finds the sets that rules change.
func (l *loader) findChanging() {
	l.changing = make(map[*bytecode.Set]bool)
	for _, c := range l.decl.Chains {
		for _, r := range c.Rules {
			for _, e := range r.Exprs {
				if d, ok := e.(*bytecode.Dynset); ok {
					l.changing[l.decl.SetByID(d.SetID)] = true
				}
			}
		}
	}
}

func (l *loader) loadObjects(t *table) error {
	l.objects = make(map[objectKey]*object)
	for _, d := range l.decl.Objects {
		o := &object{decl: d}
		switch d.Type {
		case bytecode.ObjectCounter:
			o.state = newConf(d.Counter).start(l.now)
			l.number(&o.state)
		case bytecode.ObjectQuota:
			o.state = newConf(d.Quota).start(l.now)
		case bytecode.ObjectLimit:
			o.state = newConf(d.Limit).start(l.now)
		case bytecode.ObjectConnlimit:
			o.state = newConf(d.Connlimit).start(l.now)
		case bytecode.ObjectCTHelper, bytecode.ObjectCTTimeout, bytecode.ObjectCTExpect:
		case bytecode.ObjectSynproxy:
		case bytecode.ObjectSecmark:
			o.secmark = securityID(d.Secmark)
		default:
			l.pos = d.Pos
			return l.errorf("%s objects are not supported by this machine: %s", d.Type, d.Name)
		}
		l.objects[objectKey{d.Type, d.Name}] = o
		t.objects = append(t.objects, o)
	}
	return nil
}

// number gives a counter its number.
func (l *loader) number(s *State) {
	l.ruleset.counters = append(l.ruleset.counters, s)
	s.conf.cell = uint32(len(l.ruleset.counters))
}

func (l *loader) loadRules(c *Chain) error {
	l.chain = c.Chain
	c.rules = make([]rule, len(c.Chain.Rules))
	for i, d := range c.Chain.Rules {
		l.index = i
		r := &c.rules[i]
		r.decl = d
		for j, e := range d.Exprs {
			l.pos = d.Pos
			if len(d.ExprPos) != 0 {
				l.pos = d.ExprPos[j]
			}
			in, err := l.lower(e)
			if err != nil {
				return err
			}
			if s, ok := in.ref.(*State); ok {
				if r.states == nil {
					r.states = make(map[int]*State)
				}
				r.states[j] = s
			}
			r.code = append(r.code, in)
		}
		if err := l.improve(r); err != nil {
			return err
		}
	}
	if l.Plain {
		return nil
	}
	return l.loadDispatch(c)
}

// improve makes a rule's instructions fewer.
func (l *loader) improve(r *rule) error {
	if l.Plain {
		return nil
	}
	l.pos = r.decl.Pos
	if err := classify.Check(l.decl, r.decl); err != nil {
		return l.errorf("%v", err)
	}
	exprs, code := unskipped(r.decl, r.code)
	r.code = fuse(l.decl, exprs, code)
	if l.dispatches {
		r.code = touches(r.code)
	}
	return nil
}
