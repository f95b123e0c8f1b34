package netfilter

import (
	"math/rand/v2"

	"nfvm/bytecode"
	"nfvm/vm"
)

// Rules are a loaded program. Those that were in force keep their state as it was
// when others took over.
type Rules struct {
	program *bytecode.Program
	set     *ruleset
}

// Program is what the rules were loaded from.
func (r *Rules) Program() *bytecode.Program { return r.program }

// Loaded gives the rules as the virtual machine has them.
func (r *Rules) Loaded() *vm.Ruleset { return r.set.rs }

// Load puts a ruleset in force. What keeps its name keeps its state; on an
// error the old ruleset stays.
func (e *Engine) Load(p *bytecode.Program) error {
	opt := vm.Options{Rand: e.rand.Uint32, Now: e.now, Later: true}
	if e.rules != nil {
		opt.Prev = e.rules.rs
	}
	r, err := load(p, opt)
	if err == nil {
		e.Use(r)
	}
	return err
}

// Prepare makes rules ready to follow those in force. It may run while packets are
// in the engine, unless vm.Shared says that it can't.
func (r *Rules) Prepare(p *bytecode.Program, now int64) (*Rules, error) {
	next, err := load(p, vm.Options{Rand: rand.Uint32, Now: now, Later: true, Prev: r.set.rs})
	if err == nil {
		next.Follow(r)
	}
	return next, err
}

// Follow finds what the rules will take over from those in force, so that Use is
// quick.
func (r *Rules) Follow(before *Rules) { r.set.rs.Match(before.set.rs) }

func load(p *bytecode.Program, opt vm.Options) (*Rules, error) {
	rs, err := vm.Load(p, opt)
	if err != nil {
		return nil, err
	}
	return &Rules{program: p, set: newRuleset(rs, p)}, nil
}

// Use puts rules in force, new ones or earlier ones again. What keeps its name
// keeps its state.
func (e *Engine) Use(r *Rules) {
	if r.set == e.rules {
		return
	}
	e.SuspendBypass()
	e.endAllFast()
	var old *vm.Ruleset
	if e.rules != nil {
		e.settle()
		old = e.rules.rs
		r.set.rs.TakeOver(old)
	}
	e.takeFlows(r.set, e.rules)
	e.equip(r.program, old, r.set.rs)
	e.rules, e.program = r.set, r.program
	for _, w := range e.workers {
		w.beside.Follow(r.set.rs)
	}
}

// Rules are those in force.
func (e *Engine) Rules() *Rules { return &Rules{program: e.program, set: e.rules} }

// Snapshot is the ruleset in force with its present state: counters, quotas,
// elements.
func (e *Engine) Snapshot() *bytecode.Program {
	e.SyncBypass()
	return e.rules.rs.Snapshot(e.now)
}

// Trace tells t from now on what rules do with packets whose trace flag is set,
// and with all with every packet; nil ends it.
func (e *Engine) Trace(t vm.Tracer, all bool) {
	e.SuspendBypass()
	e.tracer, e.opt.TraceAll = t, all
	for _, m := range e.machines {
		m.Tracer = t
	}
	for _, w := range e.workers {
		for _, m := range w.e.machines {
			m.Tracer = t
		}
	}
}
