package listing

import (
	"math/big"

	"nfvm/datatype"
	"nfvm/proto"
)

// linkOffset is the bits of the link headers below the current one.
func (c *context) linkOffset() int {
	n := 0
	for _, d := range c.stack {
		n += d.Size
	}
	return n
}

// lookupField finds the header field at a place of the packet.
func (c *context) lookupField(base proto.Base, off, bits int) (*proto.Desc, *proto.Field) {
	if base == proto.Inner {
		return c.headerField(off, bits)
	}
	if base > proto.Inner {
		return nil, nil
	}
	d := c.desc[base]
	if base == proto.Transport && d == nil {
		d = proto.TH
	}
	if d == nil {
		return nil, nil
	}
	if base == proto.Link && len(c.stack) > 0 {
		below := c.linkOffset()
		if off < below {
			return c.stack[0], c.stack[0].At(off, bits)
		}
		off -= below
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.Offset == off && f.Len == bits && c.fieldFits(f) {
			return d, f
		}
	}
	return d, nil
}

// fieldFits tells whether an icmp field exists for the types matched so far.
func (c *context) fieldFits(f *proto.Field) bool {
	if f.Needs == nil || c.icmp == nil {
		return true
	}
	for _, t := range f.Needs {
		if c.icmp[t] {
			return true
		}
	}
	return false
}

// name gives a payload node its field, if there is one at exactly its place.
func (c *context) name(n *node) bool {
	if n.field != nil {
		return true
	}
	d, f := c.lookupField(n.base, n.off, n.bits)
	if f == nil {
		return false
	}
	n.desc, n.field, n.typ = d, f, c.typeOf(f)
	return true
}

// split cuts a wide load into adjacent fields: nft merges matches on
// neighbouring fields into one. Of several fields at a place the first counts.
func (c *context) split(n *node) []*node {
	var out []*node
	for off, left := n.off, n.bits; left > 0; {
		d, f := c.firstField(n.base, off, left)
		if f == nil {
			return nil
		}
		p := clone(n)
		p.off, p.bits, p.desc, p.field, p.typ = off, f.Len, d, f, c.typeOf(f)
		out = append(out, p)
		off, left = off+f.Len, left-f.Len
	}
	return out
}

// firstField finds the first field that starts at a place and has at most bits
// bits, whole bytes only.
func (c *context) firstField(base proto.Base, off, bits int) (*proto.Desc, *proto.Field) {
	d, _ := c.lookupField(base, off, 0)
	if d == nil || d == proto.TH { // what may be any transport's stays joined
		return nil, nil
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.Len > bits || f.Len%8 != 0 {
			continue
		}
		if got, g := c.lookupField(base, off, f.Len); g != nil {
			return got, g
		}
	}
	return nil, nil
}

// trim reads `load & mask >> shift` as the field that it selects. It returns
// nil when there is none.
func (c *context) trim(load *node, m *big.Int) (*node, int) {
	if m.Sign() == 0 || load.bits == 0 {
		return nil, 0
	}
	low := int(m.TrailingZeroBits())
	width := m.BitLen() - low
	if new(big.Int).Rsh(m, uint(low)).Cmp(mask(width)) != 0 {
		return nil, 0
	}
	n := clone(load)
	off := load.off + load.bits - m.BitLen()
	switch load.kind {
	case kindPayload:
		d, f := c.lookupField(load.base, off, width)
		if f == nil {
			return nil, 0
		}
		n.off, n.bits, n.desc, n.field, n.typ = off, width, d, f, f.Type
	case kindExthdr:
		if load.typ == datatype.Boolean || !n.nameExthdr(off, width) {
			return nil, 0
		}
	default:
		return nil, 0
	}
	n.order = datatype.BigEndian
	return n, low
}
