package listing

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
)

func (p *printer) setRefJSON(n *node) any {
	if n.set.Flags&bytecode.SetAnonymous == 0 {
		return "@" + n.set.Name
	}
	return one("set", p.elementsJSON(n.set, n.shape()))
}

func (p *printer) elementsJSON(s *bytecode.Set, sh *setShape) array {
	out := array{}
	for _, e := range sh.elements(true) {
		out = append(out, p.elementJSON(s, &e))
	}
	return out
}

// elementJSON is an element: its key, with options as an object, in a map as a
// pair with the data.
func (p *printer) elementJSON(s *bytecode.Set, e *element) any {
	var key any = "*"
	if e.key != nil {
		key = p.elementKeyJSON(e.key)
	}
	o := obj{{"val", key}}
	if e.el.HasTimeout && e.el.Timeout != 0 && e.el.Timeout != s.Timeout {
		o.add("timeout", e.el.Timeout/1000)
	}
	if e.el.Expires != 0 && !p.opt.Stateless {
		o.add("expires", e.el.Expires/1000)
	}
	if e.el.Comment != "" {
		o.add("comment", e.el.Comment)
	}
	if len(e.el.Exprs) > 0 { // nft's JSON has room for one
		if stmt, ok := p.actionJSON(&stmt{kind: stmtPlain, src: e.el.Exprs[0]}).(obj); ok {
			o = append(o, stmt...)
		}
	}
	if len(o) > 1 {
		key = one("elem", o)
	}
	switch {
	case e.el.Object != "":
		return array{key, e.el.Object}
	case e.data != nil:
		return array{key, p.exprJSON(e.data)}
	case s.Flags&bytecode.SetMap != 0 && s.VerdictMap():
		return array{key, p.verdictJSON(e.el.Verdict, e.el.Chain)}
	}
	return key
}

// elementKeyJSON is a key; several flags are an or of them.
func (p *printer) elementKeyJSON(n *node) any {
	if n.kind == kindValue && n.typ.Base == datatype.Bitmask {
		if list, ok := p.bitsJSON(n).(array); ok {
			return one("|", list)
		}
	}
	return p.exprJSON(n)
}

func (p *printer) verdictJSON(v nf.Verdict, chain string) any {
	if chain == "" {
		return one(v.String(), nil)
	}
	if c := p.block(chain); c != nil && p.enter(c) {
		q := p.nested()
		rules := array{}
		for _, r := range c.Rules {
			rules = append(rules, q.ruleExprJSON(r))
		}
		return one(v.String(), one("chain", rules))
	}
	return one(v.String(), one("target", chain))
}

func (p *printer) setJSON(s *bytecode.Set) obj {
	o := obj{{"family", p.table.Family.String()}, {"name", s.Name}, {"table", p.table.Name}, {"type", keyTypeJSON(s)},
		{"handle", s.Handle}}
	if s.Comment != "" {
		o.add("comment", s.Comment)
	}
	word := setWord(s)
	if word == "map" {
		o.add("map", dataJSON(s))
	}
	if prefersMemory(s) {
		o.add("policy", "memory")
	}
	if s.Size != 0 && s.Flags&bytecode.SetConstant == 0 {
		o.add("size", uint64(s.Size))
	}
	if flags := setFlagsJSON(s.Flags); len(flags) > 0 {
		o.add("flags", single(flags))
	}
	if s.Timeout != 0 {
		o.add("timeout", s.Timeout/1000)
	}
	if s.GCInterval != 0 {
		o.add("gc-interval", s.GCInterval/1000)
	}
	if merges(s) {
		o.add("auto-merge", true)
	}
	if len(s.Elements) > 0 && !p.opt.Terse {
		o.add("elem", p.elementsJSON(s, shapeOf(s, nil)))
	}
	if len(s.Exprs) > 0 {
		o.add("stmt", p.statelessJSON(s.Exprs))
	}
	return one(word, o)
}

func (p *printer) statelessJSON(exprs []bytecode.Expr) array {
	opt := *p.opt
	opt.Stateless = true
	q := &printer{table: p.table, opt: &opt}
	out := array{}
	for _, e := range exprs {
		out = append(out, q.actionJSON(&stmt{kind: stmtPlain, src: e}))
	}
	return out
}

func setFlagsJSON(f uint32) array {
	var out array
	for _, x := range []struct {
		bit  uint32
		name string
	}{
		{bytecode.SetConstant, "constant"}, {bytecode.SetInterval, "interval"},
		{bytecode.SetTimeout, "timeout"}, {bytecode.SetEval, "dynamic"},
	} {
		if f&x.bit != 0 {
			out = append(out, x.name)
		}
	}
	return out
}

func typeJSON(s *bytecode.Set) any {
	t := typeByID(s.KeyType)
	if t.Fields == nil {
		return t.Name
	}
	out := array{}
	for _, f := range t.Fields {
		out = append(out, f.Name)
	}
	return out
}

func dataJSON(s *bytecode.Set) any {
	switch {
	case s.Flags&bytecode.SetObject != 0:
		return objectNames[s.ObjectType]
	case s.VerdictMap():
		return "verdict"
	case s.TypeofData == "queue":
		return "queue"
	}
	t := typeByID(s.DataType)
	if t.Fields == nil {
		return t.Name
	}
	out := array{}
	for _, f := range t.Fields {
		out = append(out, f.Name)
	}
	return out
}
