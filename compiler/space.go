package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
)

// A ruleSpace is what compiling one rule needs and leaves behind for the next.
type ruleSpace struct {
	rule  rule
	lin   lin
	refs  refs
	nodes nodes
}

// nodes are those that most rules are made of.
type nodes struct {
	constants  arena[constant]
	payloads   arena[payload]
	metas      arena[metaExpr]
	relations  arena[relation]
	matches    arena[matchStmt]
	verdicts   arena[verdictStmt]
	loads      arena[bytecode.Payload]
	metaLoads  arena[bytecode.Meta]
	cmps       arena[bytecode.Cmp]
	immediates arena[bytecode.Immediate]
	bytes      []byte
}

// reuse has the nodes of the rule serve the next one, if nothing refers to them
// any more.
func (n *nodes) reuse(unused bool) {
	n.constants.reuse(unused)
	n.payloads.reuse(unused)
	n.metas.reuse(unused)
	n.relations.reuse(unused)
	n.matches.reuse(unused)
	n.verdicts.reuse(unused)
	n.loads.reuse(unused)
	n.metaLoads.reuse(unused)
	n.cmps.reuse(unused)
	n.immediates.reuse(unused)
	if unused {
		n.bytes = n.bytes[:0]
	} else {
		n.bytes = nil
	}
}

// An arena hands out nodes that may serve again. The zero arena is ready, nil
// one that forgets its nodes.
type arena[T any] struct {
	nodes []*T
	used  int
}

// add gives a node with a value.
func (a *arena[T]) add(v T) *T {
	if a.used == len(a.nodes) {
		a.nodes = append(a.nodes, new(T))
	}
	x := a.nodes[a.used]
	a.used++
	*x = v
	return x
}

// reuse takes back the nodes that were handed out, or forgets them.
func (a *arena[T]) reuse(unused bool) {
	if !unused {
		clear(a.nodes[copy(a.nodes, a.nodes[a.used:]):])
		a.nodes = a.nodes[:len(a.nodes)-a.used]
	}
	a.used = 0
}

// room gives the nodes that the rule takes its own from.
func (r *rule) room() *nodes {
	if r.nodes == nil {
		r.nodes = new(nodes)
	}
	return r.nodes
}

// constant gives a node of a constant.
func (r *rule) constant(i info, v num) *constant {
	if r.out == nil { // it may be of an element
		return &constant{info: i, val: v}
	}
	return r.room().constants.add(constant{info: i, val: v})
}

// relate adds a comparison to the rule.
func (r *rule) relate(rel *relation) {
	r.stmts = append(r.stmts, r.room().matches.add(matchStmt{rel: rel}))
}

// A ruleCell is a rule with what belongs to it.
type ruleCell struct {
	state ruleState
	rule  bytecode.Rule
}

// newState gives an empty rule.
func (c *compiler) newState() *ruleState {
	if len(c.cells) == 0 {
		c.cells = make([]ruleCell, 32)
	}
	x := &c.cells[0]
	c.cells = c.cells[1:]
	x.state.Rule = &x.rule
	return &x.state
}

// newRule gives space for compiling a rule; release gives it back.
func (c *compiler) newRule(t *tableState, ch *chainState, out *ruleState) *ruleSpace {
	w := c.spare
	if w == nil { // the first, or a rule of a chain within a rule
		w = new(ruleSpace)
	}
	c.spare = nil
	w.rule = rule{compiler: c, table: t, chain: ch, ctx: newProtoCtx(t.Family), out: out, stmts: w.rule.stmts[:0], nodes: &w.nodes}
	w.refs = refs{jumps: w.refs.jumps[:0], sets: w.refs.sets[:0], objs: w.refs.objs[:0], flows: w.refs.flows[:0], places: w.refs.places[:0]}
	out.refs = &w.refs
	w.lin = lin{r: &w.rule, out: w.lin.out[:0], at: w.lin.at[:0]}
	return w
}

// release takes the space of a rule back; unused tells that nothing refers to
// the rule's nodes.
func (c *compiler) release(w *ruleSpace, unused bool) {
	w.nodes.reuse(unused)
	c.spare = w
}

// bytes gives a number in n bytes of the given order.
func (l *lin) bytes(v num, n int, order datatype.Byteorder) []byte {
	room := &l.r.room().bytes
	if cap(*room)-len(*room) < n {
		*room = make([]byte, 0, max(n, 256)) // what is in use stays where it is
	}
	at := len(*room)
	*room = (*room)[:at+n]
	b := (*room)[at : at+n : at+n]
	v.put(b, order)
	return b
}
