package listing

import (
	"math/big"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
	"nfvm/proto"
)

// statement names the fields of a statement and notes what it says about the
// packet. A match on several fields at once becomes several statements.
func (c *context) statement(s *stmt) []*stmt {
	if s.kind == stmtMatch {
		if many := c.match(s); many != nil {
			return many
		}
		return []*stmt{s}
	}
	c.other(s)
	// What has an effect keeps the matches before it.
	c.deps = [4]*stmt{}
	if c.inner != nil {
		c.inner.deps = [4]*stmt{}
	}
	return []*stmt{s}
}

// other handles statements that are not matches.
func (c *context) other(s *stmt) {
	switch s.kind {
	case stmtVmap:
		c.expression(&s.left)
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
		c.expression(&s.left)
		c.expression(&s.right)
	default:
		c.expression(&s.left)
		for i := range s.parts {
			if i == firstPort && (s.kind == stmtTProxy || s.kind == stmtNAT && !c.newer) {
				c.deps = [4]*stmt{} // a port implies nothing of the matches before
			}
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
	c = c.contextOf(n)
	switch n.kind {
	case kindPayload:
		if c.name(n) {
			c.icmpField(n)
			c.imply(n)
		}
	case kindExthdr:
		switch n.src.(*bytecode.Exthdr).Op {
		case bytecode.ExthdrIPv6, bytecode.ExthdrIPv4:
			c.imply(n)
		case bytecode.ExthdrTCPOpt:
			c.implyTransport()
		}
	case kindConcat:
		for i := range n.parts {
			c.expression(&n.parts[i])
		}
	case kindMap:
		c.mapKey(n)
	case kindLoad:
		c.expression(&n.left)
	case kindBinop:
		if f := c.binopField(n); f != nil {
			*p = f
			return
		}
		computed := n.left.kind == kindBinop
		swapped := n.order != n.left.order // for an ordered comparison
		c.expression(&n.left)
		c.expression(&n.right)
		n.typ = n.left.typ
		if c.newer && shifted(n) {
			n.typ = xinteger // nft 1.1 takes what was shifted for a plain number
		}
		if !computed && !swapped {
			n.order = n.left.order
		}
		if n.right.kind == kindValue && n.op != "<<" && n.op != ">>" {
			order := n.order
			if swapped {
				order = n.left.order
			}
			setType(n.right, c.operandType(n), order)
		}
	}
}

// operandType is the type of a constant operand: the other one's, by nft 1.0
// without its names where the constant is wider than that type.
func (c *context) operandType(n *node) *datatype.Type {
	t := n.left.typ
	if t == nil || c.newer || len(t.Symbols) == 0 || n.right.bits <= (t.Size+7)/8*8 {
		return t
	}
	plain := *t
	plain.Symbols = nil
	return &plain
}

// shifted tells whether an expression is shifted on its way.
func shifted(n *node) bool {
	return n.kind == kindBinop && (n.op == "<<" || n.op == ">>" || shifted(n.left))
}

// mapKey names the key of a map; the elements have its type.
func (c *context) mapKey(n *node) {
	c = c.contextOf(n.left)
	if f, low := c.trimKey(n.left); f != nil {
		n.left, n.right.shift = f, low
		c.imply(f)
	} else {
		c.expression(&n.left)
	}
	n.right.left = n.left
}

// trimKey reads a masked but not shifted load as a field; the constants that
// it is compared with are shifted by the bits that the second result tells.
func (c *context) trimKey(n *node) (*node, int) {
	if n.kind != kindBinop || n.op != "&" || n.right.kind != kindValue {
		return nil, 0
	}
	return c.trim(n.left, c.maskOf(n))
}

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
	c.imply(f)
	if and.order == datatype.HostEnd && n.op == ">>" {
		f.order = n.order // in a key the bytes are swapped for the shift
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
func (c *context) match(s *stmt) []*stmt {
	c = c.matchContext(s)
	if s.left.kind == kindBinop && c.matchBinop(s) {
		return nil
	}
	if s.left.kind == kindPayload {
		return c.matchPayload(s)
	}
	c.expression(&s.left)
	c.typeRight(s)
	if s.left.kind == kindLoad {
		if s.right.kind == kindValue {
			s.left.op = ""
		}
		c.matchMeta(s)
	}
	return nil
}

// typeRight gives the right side the left side's type.
func (c *context) typeRight(s *stmt) {
	if s.right.kind == kindSet {
		s.right.left = s.left
	}
	if s.left.kind == kindConcat {
		for i, p := range s.left.parts {
			if i < len(s.right.parts) {
				setType(s.right.parts[i], p.typ, p.order)
			}
		}
		return
	}
	setType(s.right, s.left.typ, s.left.order)
	if v := s.right; v.kind == kindValue && v.bits < s.left.bits && hasPrefixes(v.typ) && v.order == datatype.BigEndian {
		bits := v.bits
		v.raw, v.bits = append(append([]byte(nil), v.raw...), make([]byte, (s.left.bits-bits)/8)...), s.left.bits
		s.right = &node{kind: kindPrefix, left: v, off: bits}
	}
}

// matchPayload handles a comparison with bytes of the packet.
func (c *context) matchPayload(s *stmt) []*stmt {
	single := (s.op == "==" || s.op == "!=") && s.right.kind == kindValue && s.right.bits == s.left.bits
	if !c.name(s.left) && single {
		if fields := c.split(s.left); fields != nil {
			return c.matchFields(s, fields)
		}
		c.prefix(s)
	}
	if s.left.field == nil {
		c.typeRight(s)
		return nil
	}
	c.typeRight(s)
	if single && c.tunnel != nil && s.left.desc == c.tunnel.Header {
		setType(s.right, datatype.Integer, s.left.order) // nft has no names for these
	}
	c.matchField(s)
	return nil
}

// matchField handles a comparison with a field that has its name.
func (c *context) matchField(s *stmt) {
	c.icmpMatch(s)
	c.imply(s.left)
	if s.op != "==" || s.right.kind != kindValue {
		return
	}
	c.update(s.left, s.right)
	if base, ok := provides(s.left); ok && int(base) < len(c.deps) {
		if d := c.desc[proto.Link]; d == proto.VLAN && s.left.base == proto.Link &&
			datatype.Uint(s.right.num()) == nf.EtherTypeVLAN {
			base = proto.Link
		}
		c.deps[base] = s
	}
}

// prefix reads a comparison with the first bytes of a field as one with a
// prefix.
func (c *context) prefix(s *stmt) {
	d, _ := c.lookupField(s.left.base, s.left.off, 0)
	if d == nil {
		return
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.Len <= s.left.bits {
			continue
		}
		got, g := c.lookupField(s.left.base, s.left.off, f.Len)
		if g == nil {
			continue
		}
		bits := s.left.bits
		s.left.bits, s.left.desc, s.left.field, s.left.typ = g.Len, got, g, g.Type
		s.right.raw = append(append([]byte(nil), s.right.raw...), make([]byte, (g.Len-bits)/8)...)
		s.right.bits = g.Len
		s.right = &node{kind: kindPrefix, left: s.right, off: bits}
		return
	}
}

// matchFields makes a comparison of merged fields one per field.
func (c *context) matchFields(s *stmt, fields []*node) []*stmt {
	var out []*stmt
	at := 0
	for _, f := range fields {
		v := value(s.right.raw[at/8 : (at+f.bits)/8])
		setType(v, f.typ, f.order)
		at += f.bits
		one := &stmt{kind: stmtMatch, op: s.op, left: f, right: v, src: s.src}
		c.matchField(one)
		out = append(out, one)
	}
	return out
}
