package bytecode

func (e *Immediate) code(c *coder) {
	num(c, &e.DReg)
	c.bytes(&e.Data)
	signed(c, &e.Verdict)
	c.str(&e.Chain)
}

func (e *Counter) code(c *coder) {
	num(c, &e.Packets)
	num(c, &e.Bytes)
}

func (e *Limit) code(c *coder) {
	num(c, &e.Rate)
	num(c, &e.Unit)
	num(c, &e.Burst)
	num(c, &e.Type)
	c.bool(&e.Over)
}

func (e *Quota) code(c *coder) {
	num(c, &e.Bytes)
	num(c, &e.Used)
	c.bool(&e.Over)
}

func (e *Log) code(c *coder) {
	c.str(&e.Prefix)
	num(c, &e.Level)
	num(c, &e.Flags)
	num(c, &e.Group)
	num(c, &e.Snaplen)
	num(c, &e.QThreshold)
	c.bool(&e.HasLevel)
	c.bool(&e.HasGroup)
	c.bool(&e.HasSnaplen)
	c.bool(&e.HasQThreshold)
}

func (e *Reject) code(c *coder) {
	num(c, &e.Type)
	num(c, &e.Code)
}

func (e *NAT) code(c *coder) {
	num(c, &e.Type)
	num(c, &e.Family)
	num(c, &e.AddrMin)
	num(c, &e.AddrMax)
	num(c, &e.ProtoMin)
	num(c, &e.ProtoMax)
	num(c, &e.Flags)
}

func (e *Masq) code(c *coder) {
	num(c, &e.Flags)
	num(c, &e.ProtoMin)
	num(c, &e.ProtoMax)
}

func (e *Redir) code(c *coder) {
	num(c, &e.Flags)
	num(c, &e.ProtoMin)
	num(c, &e.ProtoMax)
}

func (e *Dynset) code(c *coder) {
	num(c, &e.Op)
	c.str(&e.Set)
	num(c, &e.SetID)
	num(c, &e.SReg)
	num(c, &e.SRegData)
	num(c, &e.Timeout)
	c.bool(&e.Invert)
	codeExprs(c, &e.Exprs)
}

func (e *Objref) code(c *coder) {
	num(c, &e.Type)
	c.str(&e.Object)
	c.str(&e.Set)
	num(c, &e.SetID)
	num(c, &e.SReg)
}

func (e *TProxy) code(c *coder) {
	num(c, &e.Family)
	num(c, &e.Addr)
	num(c, &e.Port)
}

func (e *Synproxy) code(c *coder) {
	num(c, &e.MSS)
	num(c, &e.Wscale)
	num(c, &e.Flags)
}

func (e *Dup) code(c *coder) {
	num(c, &e.Addr)
	num(c, &e.Dev)
}

func (e *Fwd) code(c *coder) {
	num(c, &e.Dev)
	num(c, &e.Addr)
	num(c, &e.Family)
}

func (e *Queue) code(c *coder) {
	num(c, &e.Num)
	num(c, &e.Total)
	num(c, &e.Flags)
	num(c, &e.SReg)
}

func (*Notrack) code(*coder) {}

func (e *Last) code(c *coder) {
	c.bool(&e.Set)
	num(c, &e.Msec)
}

func (e *Connlimit) code(c *coder) {
	num(c, &e.Count)
	c.bool(&e.Over)
}

func (e *FlowOffload) code(c *coder) { c.str(&e.Table) }
