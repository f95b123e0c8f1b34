package compiler

// A packedKey is a constant or a prefix as an element of a large set keeps it:
// what all elements have in common is shared, the place is that of the element.
type packedKey struct {
	*info
	val  num
	plen int // of a prefix, else -1
}

// pack makes a key small, sharing what it can with the one before; nil if the
// last was no such key. Keys of other forms stay as they are.
func pack(k expr, last *packedKey) (expr, *packedKey) {
	p := &packedKey{info: k.inf(), plen: -1}
	switch k := k.(type) {
	case *constant:
		p.val = k.val
	case *prefixVal:
		if !k.addr.alike(p.info) {
			return k, last
		}
		p.val, p.plen = k.addr.val, k.plen
	default:
		return k, last
	}
	if p.typ == nil || p.typ.IsString() || len(p.parts) > 0 {
		return k, last
	}
	if last != nil && last.alike(p.info) {
		p.info = last.info
	} else {
		i := *p.info // not the key that it is part of
		p.info = &i
	}
	return p, p
}

// alike tells whether two simple expressions differ at most in their places.
func (i *info) alike(j *info) bool {
	return i.typ == j.typ && i.order == j.order && i.width == j.width && i.max == j.max
}

// unpack gives the expression that was packed.
func (p *packedKey) unpack() expr {
	c := &constant{info: *p.info, val: p.val}
	if p.plen < 0 {
		return c
	}
	return &prefixVal{info: *p.info, addr: c, plen: p.plen}
}
