package lang

var updateOps = map[string]UpdateOp{"add": UpdateAdd, "update": UpdateUpdate, "delete": UpdateDelete}

// setUpdate parses `add @s { KEY … }` and the older `set add KEY @s`.
func (p *parser) setUpdate() Stmt {
	from := p.i
	u := &SetUpdate{}
	if p.acceptWord("set") {
		u.Op = updateOps[p.oneOf("add", "update", "delete").Text]
		u.Elem = p.dynElem()
		u.Set = p.setRefOrVar()
		u.Span = p.since(from)
		return u
	}
	u.Op = updateOps[p.takeWord().Text]
	u.Set = p.setRefOrVar()
	p.expect(tLBrace)
	u.Elem = p.dynElem()
	for {
		s := p.statefulStmt()
		if s == nil {
			break
		}
		u.Stmts = append(u.Stmts, s)
	}
	if p.accept(tColon) {
		v := p.dynElem()
		u.Elem.Value = v.Key
		u.Elem.Span = u.Elem.Span.To(v.Span)
	}
	if !p.accept(tRBrace) {
		p.fail()
	}
	u.Span = p.since(from)
	return u
}

// dynElem parses a key made from packet data, with options.
func (p *parser) dynElem() Elem {
	from := p.i
	e := Elem{Key: p.concatLHS()}
	for {
		w := p.word()
		switch w {
		case "timeout", "expires", "comment":
		default:
			e.Span = p.since(from)
			return e
		}
		if e.Opts == nil {
			e.Opts = &ElemOpts{}
		}
		if w != "comment" {
			p.next()
		}
		switch w {
		case "timeout":
			e.Opts.Timeout = p.duration(false)
		case "expires":
			e.Opts.Expires = p.duration(false)
		case "comment":
			p.comment(&e.Opts.Comment)
		}
	}
}

// meter parses `meter NAME [size N] { KEY STMT }`.
func (p *parser) meter() *Meter {
	from := p.i
	p.next()
	m := &Meter{Name: p.identifier()}
	m.Size = p.optionalNumber("size")
	if p.kind() != tLBrace {
		p.fail("size", "'{'")
	}
	p.meterBody(m)
	m.Span = p.since(from)
	return m
}

func (p *parser) meterBody(m *Meter) {
	p.expect(tLBrace)
	m.Elem = p.dynElem()
	p.enter()
	m.Stmt = p.stmt()
	p.leave()
	p.expect(tRBrace)
}

// flowTable parses the rest of `flow table NAME { KEY STMT }`, an older name of
// meter.
func (p *parser) flowTable(from int) *Meter {
	m := &Meter{Name: p.identifier()}
	p.meterBody(m)
	m.Span = p.since(from)
	return m
}

// plainStmt parses notrack, flow, reset and xt.
func (p *parser) plainStmt() Stmt {
	from := p.i
	switch w := p.takeWord(); w.Text {
	case "notrack":
		return &Notrack{w.Pos}
	case "flow":
		if p.acceptWord("table") {
			return p.flowTable(from)
		}
		p.oneOf("add", "offload")
		p.expect(tAt)
		return &FlowAdd{Flowtable: p.stringWord(), Pos: Pos{p.since(from)}}
	case "xt":
		return &XT{Type: p.plainWord(), Name: p.stringWord(), Pos: Pos{p.since(from)}}
	}
	opt := p.i
	p.expectWord("tcp")
	p.expectWord("option")
	o := &TCPOption{}
	if p.kind() == tNumber {
		o.KindNum = p.takeNumber()
	} else {
		o.Kind = p.fieldOf("tcp option")
	}
	o.Span = p.since(opt)
	return &ResetOption{Option: o, Pos: Pos{p.since(from)}}
}
