package bytecode

func codeSet(c *coder, s *Set) {
	c.str(&s.Name)
	c.u64(&s.Handle)
	c.str(&s.Comment)
	codePos(c, &s.Pos)
	num(c, &s.Flags)
	num(c, &s.KeyType)
	num(c, &s.DataType)
	num(c, &s.KeyLen)
	num(c, &s.DataLen)
	list(c, &s.FieldLens, num[uint32])
	num(c, &s.ObjectType)
	num(c, &s.Size)
	c.u64(&s.Timeout)
	c.u64(&s.GCInterval)
	num(c, &s.Policy)
	c.bool(&s.PolicySet)
	c.bool(&s.AutoMerge)
	c.str(&s.TypeofKey)
	c.str(&s.TypeofData)
	c.bool(&s.KeyByteorderHost)
	c.bool(&s.DataByteorderHost)
	c.bool(&s.DataInterval)
	codeExprs(c, &s.Exprs)
	codeElements(c, s)
}

// What an element has, as a mask before it; most have a key and nothing else.
const (
	elemKey = 1 << iota // of the set's key length
	elemEnd
	elemCatchAll
	elemKeyEnd
	elemData
	elemVerdict // verdict, target and object
	elemTimeout // timeout, expiry and its flag
	elemOther   // key of another length, comment, expressions
	elemPos
)

func codeElements(c *coder, s *Set) {
	if !c.reading && s.Source != nil {
		c.count(s.Source.Len(), 1)
		codeParts(c, s, s.Source.Parts(partSize))
		return
	}
	if s.packed.n > 0 {
		c.count(s.packed.n, 1)
		c.packed(&s.packed.packed)
		return
	}
	// The smallest element is its mask and a position.
	n := c.count(len(s.Elements), 1)
	if c.reading && n > 0 && c.err == nil {
		s.Elements = make([]Element, 0, min(n, len(c.buf)/(2+min(int(s.KeyLen), 64))+1))
	}
	for i := 0; i < n && c.err == nil; i++ {
		if c.reading {
			s.Elements = append(s.Elements, Element{})
		}
		codeElement(c, s, &s.Elements[i])
	}
}

func elementMask(s *Set, e *Element) (m uint32) {
	bit := func(b uint32, on bool) {
		if on {
			m |= b
		}
	}
	plain := e.Key != nil && uint32(len(e.Key)) == s.KeyLen
	bit(elemKey, plain)
	bit(elemEnd, e.IntervalEnd)
	bit(elemCatchAll, e.CatchAll)
	bit(elemKeyEnd, e.KeyEnd != nil)
	bit(elemData, e.Data != nil)
	bit(elemVerdict, e.Verdict != 0 || e.Chain != "" || e.Object != "")
	bit(elemTimeout, e.HasTimeout || e.Timeout != 0 || e.Expires != 0)
	bit(elemOther, !plain && e.Key != nil || e.Comment != "" || len(e.Exprs) > 0)
	bit(elemPos, e.Pos != Pos{})
	return m
}

func codeElement(c *coder, s *Set, e *Element) {
	m := elementMask(s, e)
	num(c, &m)
	if c.reading && (m&(elemKey|elemCatchAll|elemOther) == 0 || m&elemKey != 0 && s.KeyLen == 0) {
		c.fail("an element without a key")
		return
	}
	e.IntervalEnd, e.CatchAll = m&elemEnd != 0, m&elemCatchAll != 0
	if m&elemKey != 0 {
		c.raw(&e.Key, int(s.KeyLen))
	}
	if m&elemKeyEnd != 0 {
		c.bytes(&e.KeyEnd)
	}
	if m&elemData != 0 {
		c.bytes(&e.Data)
	}
	if m&elemVerdict != 0 {
		signed(c, &e.Verdict)
		c.str(&e.Chain)
		c.str(&e.Object)
	}
	if m&elemTimeout != 0 {
		c.bool(&e.HasTimeout)
		c.u64(&e.Timeout)
		c.u64(&e.Expires)
	}
	if m&elemOther != 0 {
		if m&elemKey == 0 {
			c.bytes(&e.Key)
		}
		c.str(&e.Comment)
		codeExprs(c, &e.Exprs)
	}
	if m&elemPos != 0 {
		codePos(c, &e.Pos)
	}
}
