package bytecode

// packed is the body of a rule as rules.bin has it, and the position that the
// next rule's are relative to.
type packed struct {
	code []byte
	end  Pos
}

// A Packer makes rules small. The zero Packer is ready.
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
	n := len(p.c.buf)
	if n > len(p.room) {
		p.room = make([]byte, max(n, packRoom))
	}
	copy(p.room, p.c.buf)
	r.packed = packed{p.room[:n:n], p.c.last}
	p.room = p.room[n:]
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

// codeRest writes what follows the text of a rule, or reads it.
func codeRest(c *coder, r *Rule) {
	if r.packed.code == nil {
		codeBody(c, r)
		return
	}
	c.buf = append(c.buf, r.packed.code...)
	c.last = r.packed.end
}

func codeBody(c *coder, r *Rule) {
	num(c, &r.Order)
	codeExprs(c, &r.Exprs)
	list(c, &r.ExprPos, codePos)
	list(c, &r.Skip, codeIndex)
}
