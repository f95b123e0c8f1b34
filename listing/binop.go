package listing

import (
	"math/big"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
	"nfvm/proto"
)

// matchBinop handles a comparison whose left side is a bit operation: a field
// smaller than a byte, a prefix, or a test of flags. False: print as it is.
func (c *context) matchBinop(s *stmt) bool {
	b := s.left
	if b.op != "&" || b.right.kind != kindValue {
		return false
	}
	if s.right.kind != kindValue {
		return c.matchKey(s)
	}
	m := c.maskOf(b)
	if f, low := c.trim(b.left, m); f != nil {
		v := s.right
		v.order = datatype.BigEndian
		num := new(big.Int).Rsh(v.big(), uint(low))
		s.left, s.right = f, number(num, f.bits, f.typ, datatype.BigEndian)
		if f.kind == kindPayload {
			c.matchPayload(s)
		} else {
			c.expression(&s.left)
		}
		return true
	}
	swapped := b.order != b.left.order // for an ordered comparison
	c.expression(&b.left)
	left := b.left
	if b.typ = left.typ; !swapped {
		b.order = left.order
	}
	setType(b.right, left.typ, left.order)
	setType(s.right, left.typ, b.order)
	if s.op != "==" && s.op != "!=" {
		return true
	}
	if left.typ.IsBitmask() {
		if s.right.big().Sign() == 0 || len(bitsOf(b.right)) > 1 {
			flagTest(s, b)
		}
		return true
	}
	if bits, ok := prefixLen(b.right.num(), left.bits); ok && prefixable(left) {
		s.left = left
		s.right = &node{kind: kindPrefix, left: s.right, off: bits}
		return true
	}
	return true
}

// matchKey handles a masked field that is compared with a range or a set.
func (c *context) matchKey(s *stmt) bool {
	f, low := c.trimKey(s.left)
	if f == nil {
		return false
	}
	c.imply(f)
	s.left = f
	switch s.right.kind {
	case kindSet:
		s.right.left, s.right.shift = f, low
	case kindRange:
		for _, v := range []**node{&s.right.left, &s.right.right} {
			(*v).order = datatype.BigEndian
			*v = number(new(big.Int).Rsh((*v).big(), uint(low)), f.bits, f.typ, datatype.BigEndian)
		}
	}
	return true
}

// flagTest writes `flags & mask op value` as a list of flags: any of them
// (!= 0), none of them (== 0), or exactly these of those.
func flagTest(s *stmt, b *node) {
	if s.right.big().Sign() == 0 {
		s.left, s.right = b.left, b.right
		if s.op == "!=" {
			s.op = ""
		} else {
			s.op = "!"
		}
		s.right.op = "list"
		return
	}
	s.right = &node{kind: kindFlags, op: s.op, left: s.right, right: b.right}
	s.left, s.op = b.left, ""
}

// prefixable tells whether nft prints a masked value of this kind as a prefix.
func prefixable(n *node) bool {
	return hasPrefixes(n.typ) && n.kind != kindBinop
}

// prefixLen is the number of leading one bits of a mask of width bits, when it
// has no others.
func prefixLen(m []byte, bits int) (int, bool) {
	v := new(big.Int).SetBytes(m)
	if v.Sign() == 0 {
		return 0, bits != 0
	}
	low := int(v.TrailingZeroBits())
	n := bits - low
	if n <= 0 || new(big.Int).Rsh(v, uint(low)).Cmp(mask(n)) != 0 {
		return 0, false
	}
	return n, true
}

// write handles a statement that writes a value.
func (c *context) write(s *stmt) {
	if s.left.kind == kindPayload {
		if c.writeBits(s) {
			return
		}
		if c.name(s.left) {
			c.icmpField(s.left)
			c.imply(s.left)
		}
	}
	if s.left.kind == kindExthdr && s.left.exthdr != nil && s.left.exthdr.Op != proto.OpTCPOption {
		c.expression(&s.left)
	}
	if s.right.kind == kindValue {
		setType(s.right, s.left.typ, s.left.order)
		return
	}
	c.expression(&s.right)
}

// writeBits reads load, mask, or, store of whole bytes as a write to the field
// that the mask leaves out.
func (c *context) writeBits(s *stmt) bool {
	v := s.right
	if c.writeComputed(s) {
		return true
	}
	var bits *node
	if v.kind == kindBinop && (v.op == "^" || v.op == "|") && v.right.kind == kindValue {
		bits, v = v.right, v.left
	}
	if v.kind == kindBinop && v.op == "&" && v.right.kind == kindValue && samePlace(v.left, s.left) {
		return c.writeField(s, c.maskOf(v), bits)
	}
	if bits != nil && samePlace(v, s.left) {
		// All bits of the field are set: the mask vanished.
		b := clone(bits)
		b.order = datatype.BigEndian
		return c.writeField(s, new(big.Int).AndNot(mask(s.left.bits), b.big()), bits)
	}
	return false
}

// writeComputed reads load, mask, or with a value that is not constant, which is
// shifted to the place of the field, as a write of that value to the field.
func (c *context) writeComputed(s *stmt) bool {
	v := s.right
	if v.kind != kindBinop || v.op != "^" && v.op != "|" || v.right.kind == kindValue {
		return false
	}
	keep, val := v.left, v.right
	if keep.kind != kindBinop || keep.op != "&" || keep.right.kind != kindValue || !samePlace(keep.left, s.left) {
		return false
	}
	shift := 0
	if val.kind == kindBinop && val.op == "<<" && val.right.kind == kindValue {
		shift, val = int(val.right.big().Int64()), val.left
	}
	f, low := c.trim(s.left, new(big.Int).AndNot(mask(s.left.bits), c.maskOf(keep)))
	if f == nil || low != shift {
		return false
	}
	s.left, s.right = f, val
	if f.kind == kindPayload {
		c.imply(f)
	}
	c.expression(&s.right)
	return true
}

func (c *context) writeField(s *stmt, keep *big.Int, bits *node) bool {
	val := new(big.Int)
	if bits != nil {
		b := clone(bits)
		b.order = datatype.BigEndian
		val = b.big()
	}
	// With | the mask keeps the bits that are set anyway.
	field := new(big.Int).AndNot(mask(s.left.bits), keep)
	field.Or(field, val)
	f, low := c.trim(s.left, field)
	if f == nil {
		f, low = c.coveringField(s.left, field)
	}
	if f == nil {
		return false
	}
	s.left = f
	if f.kind == kindPayload {
		c.icmpField(f)
		c.imply(f)
	}
	whole := new(big.Int).Lsh(mask(f.bits), uint(low))
	if old := new(big.Int).AndNot(keep, val); old.And(old, whole).Sign() != 0 {
		s.right = changedField(f, keep, val, low)
		return true
	}
	s.right = number(new(big.Int).Rsh(val, uint(low)), f.bits, f.typ, datatype.BigEndian)
	return true
}

func samePlace(a, b *node) bool {
	return a.kind == kindPayload && b.kind == kindPayload && a.base == b.base && a.off == b.off && a.bits == b.bits
}

// reject finds which protocol's codes a reject uses.
func (c *context) reject(s *stmt, e *bytecode.Reject) {
	if e.Type == bytecode.RejectTCPReset {
		plain := c.family == nf.FamilyIPv4 || c.family == nf.FamilyIPv6
		if plain && c.deps[proto.Transport] != nil {
			c.kill(proto.Transport)
		}
		return
	}
	switch c.family {
	case nf.FamilyIPv4:
		s.reject = reject4
		return
	case nf.FamilyIPv6:
		s.reject = reject6
		return
	}
	if e.Type == bytecode.RejectICMPX {
		return
	}
	s.reject, s.verbose = reject4, true
	if c.desc[proto.Network] == proto.IP6 {
		s.reject = reject6
	}
	if c.deps[proto.Network] != nil {
		c.kill(proto.Network)
	}
}
