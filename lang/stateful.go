package lang

import "strings"

// statefulStmt parses a statement that can be part of a set element; nil if
// the next token starts none.
func (p *parser) statefulStmt() Stmt {
	switch p.word() {
	case "counter":
		return p.counter()
	case "limit":
		from := p.i
		p.next()
		l := p.limit(from)
		return l
	case "quota":
		from := p.i
		p.next()
		return p.quota(from)
	case "last":
		return p.last()
	case "ct":
		if p.wordAt(1) == "count" {
			return p.connCount()
		}
	}
	return nil
}

// statefulOrRef parses a stateful statement, a reference to a named object, or
// synproxy; nil for a ct expression.
func (p *parser) statefulOrRef() Stmt {
	from, w, next := p.i, p.word(), p.wordAt(1)
	switch {
	case w == "ct" && (next == "timeout" || next == "expectation"):
		p.i += 2
		p.expectWord("set")
		return &ObjRef{Kind: "ct " + next, Ref: p.stmtExpr(), Pos: Pos{p.since(from)}}
	case w != "ct" && w != "last" && next == "name":
		p.i += 2
		return &ObjRef{Kind: w, Ref: p.stmtExpr(), Pos: Pos{p.since(from)}}
	case w == "synproxy":
		p.next()
		s := &Synproxy{}
		for p.synproxyArg(s) {
		}
		s.Span = p.since(from)
		return s
	}
	return p.statefulStmt()
}

func (p *parser) counter() *Counter {
	from := p.i
	p.next()
	c := &Counter{}
	for {
		switch p.word() {
		case "packets":
			p.next()
			c.Packets = p.number()
		case "bytes":
			p.next()
			c.Bytes = p.number()
		default:
			c.Span = p.since(from)
			return c
		}
	}
}

func (p *parser) last() *Last {
	from := p.i
	p.next()
	l := &Last{}
	if p.acceptWord("used") {
		l.Used = p.duration(true)
	}
	l.Span = p.since(from)
	return l
}

// connCount parses `ct count [over] N`.
func (p *parser) connCount() *ConnCount {
	from := p.i
	p.i += 2
	c := &ConnCount{Over: p.acceptWord("over")}
	if !c.Over && p.kind() != tNumber {
		p.fail("number", "over")
	}
	c.Count = p.number()
	c.Span = p.since(from)
	return c
}

// over parses an optional `over` or `until`.
func (p *parser) over() bool {
	if p.acceptWord("over") {
		return true
	}
	p.acceptWord("until")
	return false
}

// limit parses `rate …` behind the word limit.
func (p *parser) limit(from int) *Limit {
	p.expectWord("rate")
	l := &Limit{Over: p.over(), Rate: p.number()}
	if p.accept(tSlash) {
		l.Unit = p.timeUnit()
		if p.acceptWord("burst") {
			l.Burst = p.number()
			p.expectWord("packets")
		}
	} else {
		l.Bytes = true
		p.byteRate(l)
		if p.acceptWord("burst") {
			l.Burst, l.BurstBytes = p.number(), true
			p.byteUnit(&l.Burst)
		}
	}
	l.Span = p.since(from)
	return l
}

// unitSeconds are the lengths of the time units of limits.
var unitSeconds = map[string]uint64{"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}

func (p *parser) timeUnit() uint64 {
	s := unitSeconds[p.word()]
	if s == 0 {
		p.failAll("second", "minute", "hour", "day", "week")
	}
	p.next()
	return s
}

// byteRate parses the unit of a rate in bytes. `kbytes/second` is one token,
// because words may contain a slash; `bytes / second` are three.
func (p *parser) byteRate(l *Limit) {
	t := p.toks[p.i]
	if !p.isPlain(t) {
		p.fail("string", "bytes", "/")
	}
	unit, per, ok := strings.Cut(p.textOf(t), "/")
	if !ok {
		if text := p.textOf(t); text != "bytes" && p.kindAt(1) != tSlash {
			p.failAt(l.Rate.Span.To(p.spanOf(t)), wrongRate)
		}
		p.byteUnit(&l.Rate)
		p.expect(tSlash)
		l.Unit = p.timeUnit()
		return
	}
	f, s := byteUnits[unit], unitSeconds[per]
	if f == 0 || s == 0 {
		p.failAt(l.Rate.Span.To(p.spanOf(t)), wrongRate)
	}
	p.next()
	l.Unit = s
	p.scale(&l.Rate, f)
}

const wrongRate = "Wrong rate format, expecting bytes, kbytes or mbytes per second, minute, hour, day or week"

var byteUnits = map[string]uint64{"bytes": 1, "kbytes": 1 << 10, "mbytes": 1 << 20}

// byteUnit parses a unit and applies it.
func (p *parser) byteUnit(n *Number) {
	t := p.toks[p.i]
	if !p.isPlain(t) {
		p.fail("string", "bytes")
	}
	f := byteUnits[p.textOf(t)]
	if f == 0 {
		p.failAt(n.Span.To(p.spanOf(t)), "Wrong rate format, expecting bytes, kbytes or mbytes")
	}
	n.Span.End = p.spanOf(p.next()).End
	p.scale(n, f)
}

// scale multiplies a number by its unit.
func (p *parser) scale(n *Number, f uint64) {
	if n.Value > ^uint64(0)/f {
		p.diags.Errorf(n.Span, "value is too large")
		return
	}
	n.Value *= f
}

// quota parses what stands behind the word quota.
func (p *parser) quota(from int) *Quota {
	q := &Quota{Over: p.over(), Size: p.number()}
	p.byteUnit(&q.Size)
	if p.acceptWord("used") {
		q.Used = p.number()
		p.byteUnit(&q.Used)
	}
	q.Span = p.since(from)
	return q
}

// synproxyArg parses one option of synproxy.
func (p *parser) synproxyArg(s *Synproxy) bool {
	switch p.word() {
	case "mss", "maxseg":
		p.next()
		s.MSS = p.number()
	case "wscale":
		p.next()
		s.Wscale = p.number()
	case "timestamp":
		p.next()
		s.Timestamp = true
	case "sack-perm", "sack-permitted":
		p.next()
		s.SackPerm = true
	default:
		return false
	}
	return true
}
