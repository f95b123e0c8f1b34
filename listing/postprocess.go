package listing

import (
	"math/big"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/proto"
)

// statement names the fields of a statement and notes what it says about the
// packet.
func (c *context) statement(s *stmt) {
	switch s.kind {
	case stmtMatch:
		c.match(s)
	case stmtVmap:
		c.expression(&s.left.left)
		s.left.left = c.implied(s.left.left)
	case stmtSet:
		c.write(s)
	case stmtObjref:
		if s.left != nil {
			c.expression(&s.left.left)
		}
	case stmtPlain:
		if e, ok := s.src.(*bytecode.Reject); ok {
			c.reject(s, e)
		}
	case stmtDynset:
		c.inKey = true
		c.expression(&s.left)
		c.inKey = false
		c.expression(&s.right)
	default:
		c.expression(&s.left)
		for i := range s.parts {
			c.expression(&s.parts[i])
		}
	}
}

// expression names the fields within an expression.
func (c *context) expression(p **node) {
	n := *p
	if n == nil {
		return
	}
	switch n.kind {
	case kindPayload:
		if c.name(n) {
			c.imply(n)
		}
	case kindExthdr:
		if n.src.(*bytecode.Exthdr).Op == bytecode.ExthdrIPv6 || n.src.(*bytecode.Exthdr).Op == bytecode.ExthdrIPv4 {
			c.imply(n)
		}
	case kindConcat:
		for i := range n.parts {
			c.expression(&n.parts[i])
		}
	case kindMap:
		c.expression(&n.left)
	case kindLoad:
		c.expression(&n.left)
	case kindBinop:
		if f := c.binopField(n); f != nil {
			*p = f
			return
		}
		c.expression(&n.left)
		c.expression(&n.right)
		n.typ, n.order = n.left.typ, n.left.order
		if n.right.kind == kindValue && n.op != "<<" && n.op != ">>" {
			setType(n.right, n.left.typ, n.left.order)
		}
	}
}

// implied is a hook for keys of verdict maps; they need no more than their
// fields' names.
func (c *context) implied(n *node) *node { return n }

// binopField reads (load & mask) >> shift as a field.
func (c *context) binopField(n *node) *node {
	shift := 0
	and := n
	if n.op == ">>" && n.right.kind == kindValue {
		shift = int(n.right.big().Int64())
		and = n.left
	}
	if and.kind != kindBinop || and.op != "&" || and.right.kind != kindValue {
		return nil
	}
	f, low := c.trim(and.left, c.maskOf(and))
	if f == nil || (low != shift && n.op == ">>") || (n.op == "&" && low != 0) {
		return nil
	}
	if f.kind == kindPayload {
		c.imply(f)
	}
	return f
}

// maskOf is a binop's mask as a number.
func (c *context) maskOf(n *node) *big.Int {
	m := clone(n.right)
	m.order = datatype.BigEndian
	if n.left.kind == kindLoad {
		m.order = n.left.order
	}
	return m.big()
}

// match handles a comparison.
func (c *context) match(s *stmt) {
	if s.left.kind == kindBinop && c.matchBinop(s) {
		return
	}
	switch s.left.kind {
	case kindPayload:
		c.matchPayload(s)
		return
	case kindExthdr:
		c.expression(&s.left)
	default:
		c.expression(&s.left)
	}
	c.typeRight(s)
	if s.left.kind == kindLoad {
		c.matchMeta(s)
	}
}

// typeRight gives the right side the left side's type.
func (c *context) typeRight(s *stmt) {
	if s.left.kind == kindConcat {
		for i, p := range s.left.parts {
			if i < len(s.right.parts) {
				setType(s.right.parts[i], p.typ, p.order)
			}
		}
		return
	}
	setType(s.right, s.left.typ, s.left.order)
}

// matchPayload handles a comparison with bytes of the packet.
func (c *context) matchPayload(s *stmt) {
	single := (s.op == "==" || s.op == "!=") && s.right.kind == kindValue
	if !c.name(s.left) && single {
		if fields := c.split(s.left); fields != nil {
			c.matchFields(s, fields)
			return
		}
	}
	if s.left.field == nil {
		setType(s.right, s.left.typ, s.left.order)
		return
	}
	setType(s.right, s.left.typ, s.left.order)
	c.icmpMatch(s)
	c.imply(s.left)
	if s.op == "==" && single {
		c.update(s.left, s.right)
		if base, ok := provides(s.left); ok && int(base) < len(c.deps) {
			if d := c.desc[proto.Link]; d == proto.VLAN && s.left.base == proto.Link {
				base = proto.Link
			}
			c.deps[base] = s
		}
	}
}

// matchFields prints a comparison of merged fields as one per field: the
// statement becomes a list.
func (c *context) matchFields(s *stmt, fields []*node) {
	at := 0
	s.left = &node{kind: kindList, parts: fields}
	list := &node{kind: kindList}
	for _, f := range fields {
		v := value(s.right.raw[at/8 : (at+f.bits)/8])
		setType(v, f.typ, f.order)
		at += f.bits
		list.parts = append(list.parts, v)
		one := &stmt{op: s.op, left: f, right: v}
		c.icmpMatch(one)
		c.imply(f)
		if s.op == "==" {
			c.update(f, v)
		}
	}
	s.right = list
}
