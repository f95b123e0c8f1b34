package bytecode

// packed is a part of a program as rules.bin has it, and the last position there,
// which the next one is relative to.
type packed struct {
	code []byte
	end  Pos
}

// A Packer makes rules and sets small. The zero Packer is ready.
type Packer struct {
	c    coder
	room []byte
}

// packRoom is how many bytes are allocated for packed rules at a time.
const packRoom = 1 << 16

// Pack replaces expressions, positions and annotations of a rule by the bytes
// that rules.bin has of them. It can then only be encoded, or unpacked. A rule
// that cannot be encoded stays as it is.
func (p *Packer) Pack(r *Rule) {
	if r.packed.code != nil {
		return
	}
	p.c = coder{buf: p.c.buf[:0], last: r.Pos}
	codeBody(&p.c, r)
	if p.c.err != nil {
		return
	}
	r.packed = p.keep()
	r.Exprs, r.ExprPos, r.Skip = nil, nil, nil
}

// Unpacked gives a rule as it was before it was packed.
func (r *Rule) Unpacked() *Rule {
	if r.packed.code == nil {
		return r
	}
	out := *r
	out.packed = packed{}
	c := &coder{reading: true, buf: r.packed.code, last: r.Pos}
	codeBody(c, &out)
	return &out
}

// packedSet is the elements of a set as rules.bin has them.
type packedSet struct {
	packed
	n int
}

// PackSet replaces the elements of a set by the bytes that rules.bin has of
// them. Elements that cannot be encoded stay as they are.
func (p *Packer) PackSet(s *Set) {
	if len(s.Elements) == 0 {
		return
	}
	p.c = coder{buf: p.c.buf[:0], last: s.Pos}
	for i := range s.Elements {
		codeElement(&p.c, s, &s.Elements[i])
	}
	if p.c.err == nil {
		s.packed = packedSet{p.keep(), len(s.Elements)}
		s.Elements = nil
	}
}

// List gives the elements of a set that has no Source, packed or not.
func (s *Set) List() []Element {
	if s.packed.n == 0 {
		return s.Elements
	}
	out := make([]Element, s.packed.n)
	c := &coder{reading: true, buf: s.packed.code, last: s.Pos}
	for i := range out {
		codeElement(c, s, &out[i])
	}
	return out
}

// keep gives what was packed in memory of its own.
func (p *Packer) keep() packed {
	n := len(p.c.buf)
	if n > len(p.room) {
		p.room = make([]byte, max(n, packRoom))
	}
	code := p.room[:n:n]
	copy(code, p.c.buf)
	p.room = p.room[n:]
	return packed{code, p.c.last}
}

// codeRest writes what follows the text of a rule, or reads it.
func codeRest(c *coder, r *Rule) {
	if r.packed.code == nil {
		codeBody(c, r)
		return
	}
	c.packed(&r.packed)
}

// packed writes what was packed.
func (c *coder) packed(p *packed) {
	c.buf = append(c.buf, p.code...)
	c.last = p.end
}

func codeBody(c *coder, r *Rule) {
	num(c, &r.Order)
	codeExprs(c, &r.Exprs)
	list(c, &r.ExprPos, codePos)
	list(c, &r.Skip, codeIndex)
}
