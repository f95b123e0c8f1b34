package vm

import (
	"nfvm/bytecode"
	"nfvm/classify"
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// A Machine evaluates chains. It may be used for any number of rulesets, by one
// goroutine at a time.
type Machine struct {
	// Tracer, when not nil, is told about packets whose trace flag is set.
	Tracer Tracer
	// Beside, when not nil, has the machine run beside others.
	Beside *Beside
	// Decided is the chain and rule that gave the last verdict; Rule is nil for
	// a base chain's policy.
	Decided struct {
		Chain *Chain
		Rule  *bytecode.Rule
	}

	env     Env
	p       *packet.Packet
	hook    nf.Hook
	base    *Chain
	current *Chain
	now     int64
	regs    [bytecode.RegBytes]byte
	target  *Chain // of the last jump or goto
	dirty   bool   // a rule wrote into the network header
	refused bool   // an expression drops the packet rather than break
	stack   [bytecode.MaxDepth]frame
	scratch [bytecode.RegBytes]byte

	// The run of rules that is being gone through: what the packet showed to its
	// index, and what that gave.
	dispatch *dispatch
	key      classify.Key
	hits     classify.Hits
	all      bool // rules have to be looked at
	sought   int  // where seek was last
	changed  bool // since the index was asked
}

// A frame is where a chain goes on after the one it has entered.
type frame struct {
	chain *Chain
	next  int
}

// NewMachine makes a machine.
func NewMachine(env Env) *Machine { return &Machine{env: env} }

// Run evaluates base chain c for a packet at a hook and gives Accept, Drop,
// Stolen or Queue. The packet's headers must have been parsed; they are parsed
// again afterwards if rules have changed them.
func (m *Machine) Run(c *Chain, p *packet.Packet, hook nf.Hook) nf.Verdict {
	m.p, m.hook, m.base, m.now, m.dirty = p, hook, c, m.env.Now(), false
	m.dispatch = nil
	v := m.walk(c)
	if m.dirty {
		p.ParseIP()
	}
	return v
}

// walk goes through the rules of a base chain and of those it leads to.
func (m *Machine) walk(c *Chain) nf.Verdict {
	next, depth := 0, 0
	for {
		m.current = c
		for next < len(c.rules) {
			r := &c.rules[next]
			if d := r.dispatch; d != nil {
				if next = m.seek(d, next); next == d.end {
					continue
				}
				r = &c.rules[next]
			}
			next++
			v := m.eval(r.code)
			if v == nf.Break {
				continue
			}
			if m.p.Trace && m.Tracer != nil {
				m.trace(c, r, v)
			}
			switch v {
			case nf.Continue:
				continue
			case nf.Jump:
				if depth == len(m.stack) {
					return m.decide(c, r.decl, nf.Drop) // Verify rules this out
				}
				m.stack[depth] = frame{c, next}
				depth++
				fallthrough
			case nf.Goto:
				c, next = m.target, 0
				m.current = c
				continue
			case nf.Return:
				next = len(c.rules)
				continue
			}
			return m.decide(c, r.decl, v)
		}
		if depth == 0 {
			return m.policy()
		}
		depth--
		c, next = m.stack[depth].chain, m.stack[depth].next
	}
}

// length is the length in bytes of what is evaluated: at egress, and at output of
// ARP, the frame with its link-layer header, elsewhere the network packet.
func (m *Machine) length() int {
	if m.hook == nf.HookEgress || m.hook == nf.HookOutput && m.base.Family == nf.FamilyARP {
		return len(m.p.Data)
	}
	return m.p.Len()
}

func (m *Machine) decide(c *Chain, r *bytecode.Rule, v nf.Verdict) nf.Verdict {
	m.Decided.Chain, m.Decided.Rule = c, r
	return v
}

func (m *Machine) policy() nf.Verdict {
	v := nf.Accept
	if m.base.Base != nil {
		v = m.base.Base.Policy
	}
	if m.p.Trace && m.Tracer != nil {
		m.alone()
		m.Tracer.Policy(m.p, m.base, v)
	}
	return m.decide(m.base, nil, v)
}

func (m *Machine) trace(c *Chain, r *rule, v nf.Verdict) {
	m.alone()
	var target *Chain
	if v == nf.Jump || v == nf.Goto {
		target = m.target
	}
	m.Tracer.Rule(m.p, c, r.decl, v, target)
}

// entry is the packet's connection, nil if it has none.
func (m *Machine) entry() *ct.Entry {
	if m.p.CT == 0 {
		return nil
	}
	t := m.env.Conntrack()
	if t == nil {
		return nil
	}
	return t.Entry(m.p.CT)
}
