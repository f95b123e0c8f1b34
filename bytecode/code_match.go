package bytecode

func (e *Payload) code(c *coder) {
	num(c, &e.Base)
	num(c, &e.Offset)
	num(c, &e.Len)
	num(c, &e.DReg)
	num(c, &e.Whole)
}

func (e *PayloadSet) code(c *coder) {
	num(c, &e.Base)
	num(c, &e.Offset)
	num(c, &e.Len)
	num(c, &e.SReg)
	num(c, &e.ChecksumType)
	num(c, &e.ChecksumOffset)
	num(c, &e.ChecksumFlags)
}

func (e *Meta) code(c *coder) {
	num(c, &e.Key)
	num(c, &e.DReg)
}

func (e *MetaSet) code(c *coder) {
	num(c, &e.Key)
	num(c, &e.SReg)
}

func (e *CT) code(c *coder) {
	num(c, &e.Key)
	signed(c, &e.Dir)
	num(c, &e.DReg)
}

func (e *CTSet) code(c *coder) {
	num(c, &e.Key)
	signed(c, &e.Dir)
	num(c, &e.SReg)
}

func (e *Cmp) code(c *coder) {
	num(c, &e.Op)
	num(c, &e.SReg)
	c.bytes(&e.Data)
}

func (e *Range) code(c *coder) {
	num(c, &e.Op)
	num(c, &e.SReg)
	c.bytes(&e.From)
	c.bytes(&e.To)
}

func (e *Bitwise) code(c *coder) {
	num(c, &e.Op)
	num(c, &e.SReg)
	num(c, &e.DReg)
	num(c, &e.SReg2)
	num(c, &e.Len)
	c.bytes(&e.Mask)
	c.bytes(&e.Xor)
	c.bytes(&e.Data)
	num(c, &e.Shift)
}

func (e *Byteorder) code(c *coder) {
	num(c, &e.Op)
	num(c, &e.SReg)
	num(c, &e.DReg)
	num(c, &e.Len)
	num(c, &e.Size)
}

func (e *Lookup) code(c *coder) {
	c.str(&e.Set)
	num(c, &e.SetID)
	num(c, &e.SReg)
	num(c, &e.DReg)
	c.bool(&e.HasDReg)
	c.bool(&e.Invert)
}

func (e *Exthdr) code(c *coder) {
	num(c, &e.Op)
	num(c, &e.Type)
	num(c, &e.Offset)
	num(c, &e.Len)
	num(c, &e.Flags)
	num(c, &e.DReg)
	num(c, &e.SReg)
	c.bool(&e.Reset)
}

func (e *Rt) code(c *coder) {
	num(c, &e.Key)
	num(c, &e.DReg)
}

func (e *Fib) code(c *coder) {
	num(c, &e.Result)
	num(c, &e.Flags)
	num(c, &e.DReg)
}

func (e *Socket) code(c *coder) {
	num(c, &e.Key)
	num(c, &e.Level)
	num(c, &e.DReg)
}

func (e *Numgen) code(c *coder) {
	c.bool(&e.Random)
	num(c, &e.Modulus)
	num(c, &e.Offset)
	num(c, &e.DReg)
}

func (e *Hash) code(c *coder) {
	c.bool(&e.Symmetric)
	num(c, &e.SReg)
	num(c, &e.Len)
	num(c, &e.Modulus)
	num(c, &e.Offset)
	num(c, &e.Seed)
	c.bool(&e.HasSeed)
	num(c, &e.DReg)
}

func (e *OSF) code(c *coder) {
	num(c, &e.DReg)
	num(c, &e.TTL)
	num(c, &e.Flags)
}

func (e *Xfrm) code(c *coder) {
	c.bool(&e.Out)
	num(c, &e.Key)
	num(c, &e.Spnum)
	num(c, &e.DReg)
}

func (e *Inner) code(c *coder) {
	num(c, &e.Type)
	num(c, &e.HdrSize)
	num(c, &e.Flags)
	codeExpr(c, &e.Expr)
}
