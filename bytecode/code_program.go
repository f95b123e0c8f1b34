package bytecode

import (
	"maps"
	"slices"
)

func codeProgram(c *coder, p *Program) {
	list(c, &p.Files, codeString)
	pointers(c, &p.Tables, codeTable)
}

func codePos(c *coder, p *Pos) {
	delta := func(v, last *uint32) {
		d := int32(*v - *last)
		signed(c, &d)
		*v = *last + uint32(d)
	}
	delta(&p.File, &c.last.File)
	delta(&p.Line, &c.last.Line)
	delta(&p.Col, &c.last.Col)
	delta(&p.EndLine, &p.Line)
	delta(&p.EndCol, &p.Col)
	c.last = *p
}

func codeTable(c *coder, t *Table) {
	num(c, &t.Family)
	c.str(&t.Name)
	c.u64(&t.Handle)
	c.bool(&t.Dormant)
	c.bool(&t.Persist)
	c.str(&t.Comment)
	codePos(c, &t.Pos)
	pointers(c, &t.Sets, codeSet)
	pointers(c, &t.Objects, codeObject)
	pointers(c, &t.Flowtables, codeFlowtable)
	pointers(c, &t.Chains, codeChain)
}

func codeChain(c *coder, h *Chain) {
	c.str(&h.Name)
	c.u64(&h.Handle)
	c.str(&h.Comment)
	codePos(c, &h.Pos)
	num(c, &h.Order)
	optional(c, &h.Base, codeBase)
	pointers(c, &h.Rules, codeRule)
	list(c, &h.Dispatch, codeDispatch)
}

func codeBase(c *coder, b *BaseChain) {
	num(c, &b.Type)
	num(c, &b.Hook)
	signed(c, &b.Priority)
	signed(c, &b.Policy)
	c.bool(&b.PolicySet)
	list(c, &b.Devices, codeString)
}

func codeRule(c *coder, r *Rule) {
	c.u64(&r.Handle)
	c.str(&r.Comment)
	codePos(c, &r.Pos)
	c.str(&r.Text)
	codeRest(c, r)
}

func codeObject(c *coder, o *Object) {
	num(c, &o.Type)
	c.str(&o.Name)
	c.u64(&o.Handle)
	c.str(&o.Comment)
	codePos(c, &o.Pos)
	optional(c, &o.Counter, func(c *coder, e *Counter) { e.code(c) })
	optional(c, &o.Quota, func(c *coder, e *Quota) { e.code(c) })
	optional(c, &o.Limit, func(c *coder, e *Limit) { e.code(c) })
	optional(c, &o.Connlimit, func(c *coder, e *Connlimit) { e.code(c) })
	optional(c, &o.CTHelper, codeCTHelper)
	optional(c, &o.CTTimeout, codeCTTimeout)
	optional(c, &o.CTExpect, codeCTExpect)
	optional(c, &o.Synproxy, func(c *coder, e *Synproxy) { e.code(c) })
	c.str(&o.Secmark)
}

func codeCTHelper(c *coder, h *CTHelperObject) {
	c.str(&h.Helper)
	num(c, &h.L4Proto)
	num(c, &h.L3Proto)
}

func codeCTTimeout(c *coder, t *CTTimeoutObject) {
	num(c, &t.L4Proto)
	num(c, &t.L3Proto)
	names := slices.Sorted(maps.Keys(t.Values))
	list(c, &names, func(c *coder, name *string) {
		c.str(name)
		seconds := t.Values[*name]
		num(c, &seconds)
		if !c.reading {
			return
		}
		if t.Values == nil {
			t.Values = make(map[string]uint32)
		}
		t.Values[*name] = seconds
	})
}

func codeCTExpect(c *coder, e *CTExpectObject) {
	num(c, &e.L4Proto)
	num(c, &e.L3Proto)
	num(c, &e.DPort)
	num(c, &e.Timeout)
	num(c, &e.Size)
}

func codeFlowtable(c *coder, f *Flowtable) {
	c.str(&f.Name)
	c.u64(&f.Handle)
	num(c, &f.Hook)
	signed(c, &f.Priority)
	list(c, &f.Devices, codeString)
	num(c, &f.Flags)
	c.bool(&f.Counter)
	codePos(c, &f.Pos)
}
