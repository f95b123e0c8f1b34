package lang

import "strings"

// nat parses snat, dnat, masquerade and redirect.
func (p *parser) nat() *NAT {
	from := p.i
	n := &NAT{Kind: p.word()}
	p.next()
	switch n.Kind {
	case "snat", "dnat":
		p.natTarget(n)
	default:
		if p.acceptWord("to") {
			if p.accept(tColon) || n.Kind == "redirect" {
				n.Port = p.stmtExpr()
			} else {
				p.fail("colon")
			}
		}
	}
	n.Flags = p.natFlags(n.Kind == "snat" || n.Kind == "dnat")
	n.Span = p.since(from)
	return n
}

// natTarget parses `[ip|ip6] [prefix|interval|addr . port] [to] ADDR[:PORT]`.
func (p *parser) natTarget(n *NAT) {
	if w := p.word(); w == "ip" || w == "ip6" {
		switch p.wordAt(1) {
		case "to", "addr", "interval", "prefix":
			n.Family = p.takeWord()
		}
	}
	switch p.word() {
	case "interval":
		p.next()
		n.Interval = true
		p.expectWord("to")
	case "prefix":
		p.next()
		n.Prefix = true
		p.expectWord("to")
	case "addr":
		p.next()
		n.Concat = true
		p.expect(tDot)
		p.expectWord("port")
		p.expectWord("to")
	default:
		p.acceptWord("to")
	}
	switch {
	case n.Prefix || n.Interval || n.Concat: // these take no port
		n.Addr = p.stmtExpr()
		return
	case n.Family.Set() && p.kind() == tColon:
		p.fail()
	}
	n.Addr, n.Port = p.addrPort()
}

// addrPort parses `ADDR`, `ADDR:PORT` or `:PORT`.
func (p *parser) addrPort() (addr, port Expr) {
	if p.kind() != tColon {
		addr = p.stmtExpr()
	}
	if p.accept(tColon) || p.afterSplit() {
		port = p.stmtExpr()
	}
	return addr, port
}

// slash takes the slash before the length of a prefix. Where `/LEN:PORT` follows,
// of which the scanner makes two tokens, these become the two numbers: nft prints
// a range of addresses with a port so, though it cannot read it.
func (p *parser) slash() {
	t := p.toks[min(p.i+1, len(p.toks)-1)]
	colon := strings.IndexByte(p.textOf(t), ':')
	if !t.kind.isString() || colon <= 0 || strings.Trim(p.textOf(t), "0123456789") != ":" {
		p.next()
		return
	}
	middle := t.start + uint32(colon)
	p.toks[p.i] = token{start: t.start, end: middle, kind: tNumber}
	p.toks[p.i+1] = token{start: middle + 1, end: t.end, kind: tNumber}
}

// afterSplit tells whether the next token is the port of such a pair.
func (p *parser) afterSplit() bool {
	t := p.toks[p.i]
	return p.i > 0 && t.kind == tNumber && p.toks[p.i-1].end+1 == t.start && p.src[t.start-1] == ':'
}

// natFlags parses `random,persistent` and the like; with many, several lists may
// follow each other, of which the last one counts.
func (p *parser) natFlags(many bool) []Word {
	var flags []Word
	for {
		switch p.word() {
		case "random", "fully-random", "persistent":
			flags = []Word{p.takeWord()}
			for p.accept(tComma) {
				flags = append(flags, p.oneOf("random", "fully-random", "persistent"))
			}
			if !many {
				return flags
			}
		default:
			return flags
		}
	}
}

// tproxy parses `tproxy [ip|ip6] to ADDR[:PORT]`.
func (p *parser) tproxy() *TProxy {
	from := p.i
	p.next()
	t := &TProxy{}
	if w := p.word(); w == "ip" || w == "ip6" {
		t.Family = p.takeWord()
	}
	if p.word() != "to" && !t.Family.Set() {
		p.fail("to", "ip", "ip6")
	}
	p.expectWord("to")
	t.Addr, t.Port = p.addrPort()
	t.Span = p.since(from)
	return t
}

// copyStmt parses dup and fwd.
func (p *parser) copyStmt() Stmt {
	from, w := p.i, p.word()
	p.next()
	var family Word
	if f := p.word(); w == "fwd" && (f == "ip" || f == "ip6") {
		family = p.takeWord()
	}
	p.expectWord("to")
	x := p.stmtExpr()
	var dev Expr
	if w == "dup" && p.word() == "device" || family.Set() {
		p.expectWord("device")
		dev = p.stmtExpr()
	}
	at := Pos{p.since(from)}
	switch {
	case w == "dup":
		return &Dup{Pos: at, Addr: x, Dev: dev}
	case family.Set():
		return &Fwd{Pos: at, Family: family, Addr: x, Dev: dev}
	}
	return &Fwd{Pos: at, Dev: x}
}

// queue parses both forms: `queue [flags F] to EXPR`, and the older `queue num
// N F`.
func (p *parser) queue() *Queue {
	from := p.i
	p.next()
	q := &Queue{}
	if p.acceptWord("flags") {
		q.Flags = p.queueFlags()
		if w := p.oneOf("to", "num"); w.Text == "to" {
			q.Num = p.queueExpr()
		} else {
			q.Num = p.queueNumber()
		}
	} else if p.acceptWord("to") {
		q.Num = p.queueExpr()
	} else {
		p.queueArgs(q)
	}
	q.Span = p.since(from)
	return q
}

func (p *parser) queueArgs(q *Queue) {
	for {
		switch p.word() {
		case "num":
			p.next()
			q.Num = p.queueNumber()
		case "bypass", "fanout":
			q.Flags = append(q.Flags, p.queueFlags()...)
		default:
			return
		}
	}
}

func (p *parser) queueFlags() []Word {
	flags := []Word{p.oneOf("bypass", "fanout")}
	for p.accept(tComma) {
		flags = append(flags, p.oneOf("bypass", "fanout"))
	}
	return flags
}

// queueExpr parses a number or range, a generated number, or a map of anything.
func (p *parser) queueExpr() Expr {
	if p.kind() == tNumber || p.kind() == tDollar {
		return p.queueNumber()
	}
	from := p.i
	x := p.concatLHS()
	switch x.(type) {
	case *Numgen, *JHash, *SymHash:
		if p.word() != "map" {
			return x
		}
	}
	p.expectWord("map")
	return &Map{Key: x, Map: p.mapRef(), Pos: Pos{p.since(from)}}
}

// queueNumber parses N, $x or a range of them.
func (p *parser) queueNumber() Expr {
	from := p.i
	x := p.queueOperand()
	if p.accept(tDash) {
		return &Range{From: x, To: p.queueOperand(), Pos: Pos{p.since(from)}}
	}
	return x
}

func (p *parser) queueOperand() Expr {
	if p.kind() == tDollar {
		return p.varRef()
	}
	if p.kind() != tNumber {
		p.fail("number", "'$'")
	}
	n := p.takeNumber()
	return &n
}
