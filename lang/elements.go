package lang

// setLit parses `{ … }`. key parses the keys; nil means constants. It is the
// hot path of large sets, so elements are stored by value.
func (p *parser) setLit(key func(*parser) Expr) *SetLit {
	p.enter()
	from := p.i
	p.expect(tLBrace)
	s := &SetLit{}
	if n := p.countElems(); n > 0 {
		s.Elems = make([]Elem, 0, n)
	}
	for {
		p.accept(tNewline)
		if k, some := p.kind(), s.Len() > 0; k.isRun() {
			p.run(s)
			continue
		} else if some && (k == tRBrace || k == tComma) {
			if p.accept(tComma) { // nft takes empty places between elements
				continue
			}
			break
		} else if some && !p.startsElem() {
			break
		}
		s.Elems = append(s.Elems, p.elem())
		p.accept(tNewline)
		if !p.accept(tComma) {
			break
		}
	}
	if p.kind() != tRBrace {
		p.failOpen("comma", "'}'")
	}
	p.next()
	p.leave()
	s.Span = p.since(from)
	return s
}

// countElems counts the elements of the set that begins here, so that a large
// one is allocated at once; 0 where that is not worth it.
func (p *parser) countElems() int {
	if p.i < p.counted { // inside of a set that is counted
		return 0
	}
	end := p.closing(p.i - 1)
	if end < 0 {
		return 0
	}
	p.counted = end
	n := 1
	for j := p.i; j < end; j++ {
		switch p.toks[j].kind {
		case tLBrace:
			j = p.closing(j)
		case tComma:
			n++
		}
	}
	return n
}

// elem parses one element: key, options, value.
func (p *parser) elem() Elem {
	from := p.i
	var e Elem
	switch p.kind() {
	case tLBrace:
		e.Key = p.setLit(nil)
		e.Span = p.since(from)
		return e
	case tStar:
		e.Key = &Wildcard{Pos{p.span()}}
		p.next()
	default:
		e.Key = p.concatRHS()
	}
	if p.kind() == tWord {
		e.Opts = p.elemOpts()
	}
	if p.kind() == tColon {
		p.next()
		e.Value = p.elemValue()
	} else if p.verdicts {
		p.fail("colon")
	}
	e.Span = p.since(from)
	return e
}

// startsElem reports whether an element can start here.
func (p *parser) startsElem() bool {
	k := p.kind()
	if k == tWord {
		return !reservedWords[p.text()] || valueWords[p.text()]
	}
	return k == tStar || k.startsStmt() && k != tAt
}

// elemValue parses what stands behind the colon.
func (p *parser) elemValue() Expr {
	if v := p.verdict(false); v != nil {
		return v
	} else if p.verdicts {
		p.failAll(verdictWords...)
	}
	return p.concatRHS()
}

// elemOpts parses the options of an element; nil if there are none.
func (p *parser) elemOpts() *ElemOpts {
	var o *ElemOpts
	options, after := false, false // some were read, and a statement behind them
	for {
		w := p.word()
		var st Stmt
		switch w {
		case "timeout", "expires", "comment":
			if options = true; after {
				p.fail("comma", "'}'")
			}
		default:
			if st = p.statefulStmt(); st == nil {
				return o
			}
		}
		if o == nil {
			o = &ElemOpts{}
		}
		switch w {
		case "timeout":
			p.next()
			o.Timeout = p.duration(true)
		case "expires":
			p.next()
			o.Expires = p.duration(false)
		case "comment":
			p.comment(&o.Comment)
		default:
			o.Stmts, after = append(o.Stmts, st), options
		}
	}
}

// duration parses a time with units; never allows that word.
func (p *parser) duration(never bool) Duration {
	t := p.toks[p.i]
	if never && p.word() == "never" {
		p.next()
		return Duration{Pos: Pos{p.spanOf(t)}, Never: true}
	}
	if t.kind != tTime {
		if t.kind == tWord && p.isPlain(t) || t.kind.isString() && t.kind != tWord {
			p.failAt(p.spanOf(t), "invalid time '"+p.textOf(t)+"', expecting a number with a unit: d, h, m, s or ms")
		}
		if t.kind == tNumber && (p.kindAt(1) != tWord || p.toks[p.i+1].start > t.end) {
			p.failAt(p.spanOf(t), "syntax error, unexpected number, expecting string: a time needs a unit, such as "+p.textOf(t)+"s")
		}
		p.fail("string")
	}
	p.next()
	ms, ok := parseTime(p.textOf(t))
	if !ok {
		p.diags.Errorf(p.spanOf(t), "time value is too large")
	}
	return Duration{Pos: Pos{p.spanOf(t)}, Millis: ms}
}

// durationOrSeconds parses a time with units or a number of seconds.
func (p *parser) durationOrSeconds() Duration {
	if p.kind() == tNumber {
		n := p.takeNumber()
		if n.Value > maxTime/1000 {
			p.diags.Errorf(n.Span, "time value is too large")
		}
		return Duration{Pos: n.Pos, Millis: n.Value * 1000}
	}
	return p.duration(false)
}

const maxTime = 1<<63 - 1

var timeUnits = [...]uint64{86400000, 3600000, 60000, 1000, 1}

// parseTime converts the text of a tTime token to milliseconds.
func parseTime(s string) (uint64, bool) {
	var sum uint64
	for s != "" {
		n, i := uint64(0), 0
		for ; class[s[i]]&clDigit != 0; i++ {
			if i >= 8 { // nft reads at most eight digits a part
				return 0, false
			}
			n = n*10 + uint64(s[i]-'0')
		}
		unit := timeUnit(s[i:])
		sum += n * timeUnits[unit]
		s = s[i+1:]
		if unit == 4 {
			s = s[1:]
		}
	}
	return sum, true
}
