package lang

// selector parses what a packet has: a header field, a meta or ct key and so
// on. It gives nil if the next token starts none.
func (p *parser) selector() Expr {
	if p.kind() == tAt {
		return p.rawPayload()
	}
	w := p.word()
	if w == "" {
		return nil
	}
	switch w {
	case "tcp", "udp", "ip", "ip6", "th", "icmp", "icmpv6", "igmp", "ether", "vlan", "arp", "ah", "esp",
		"comp", "udplite", "dccp", "sctp":
		return p.header(w)
	case "vxlan", "geneve", "gre", "gretap":
		return p.tunnel(w)
	case "hbh", "rt", "rt0", "rt2", "srh", "frag", "dst", "mh", "exthdr":
		return p.exthdr(w)
	case "meta":
		return p.meta()
	case "ct":
		return p.ct()
	case "fib":
		return p.fib()
	case "socket", "osf":
		return p.hostSelector(w)
	case "ipsec":
		if d := p.wordAt(1); d == "in" || d == "out" {
			return p.hostSelector(w)
		}
		k := p.takeWord() // the meta key
		return &Meta{Pos: k.Pos, Key: k, Bare: true}
	case "numgen", "jhash", "symhash":
		return p.generator(w)
	}
	if bareMeta[w] {
		k := p.takeWord()
		return &Meta{Pos: k.Pos, Key: k, Bare: true}
	}
	return nil
}

// primaryLHS parses the leftmost operand of a statement that is an expression.
func primaryLHS(p *parser) Expr {
	if x := p.selector(); x != nil {
		return x
	}
	if p.kind() == tLParen {
		return p.paren(primaryLHS, primaryRHS)
	}
	x := p.constant(nil)
	if x == nil {
		p.fail()
	}
	return x
}

// concatLHS parses selectors joined by dots.
func (p *parser) concatLHS() Expr {
	from := p.i
	x := p.basic(primaryLHS, primaryRHS)
	if p.kind() != tDot {
		return x
	}
	c := &Concat{Parts: []Expr{x}}
	for p.accept(tDot) {
		c.Parts = append(c.Parts, p.basic(primaryLHS, primaryRHS))
	}
	c.Span = p.since(from)
	return c
}

// primaryStmt parses an operand of the value of a `set`, nat or similar
// statement.
func primaryStmt(p *parser) Expr {
	from := p.i
	if x := p.selector(); x != nil {
		switch x.(type) {
		case *Exthdr, *Ipsec: // what nft's grammar leaves out
			p.i = from
			p.fail()
		}
		return x
	}
	if p.kind() == tLParen {
		return p.paren(primaryStmt, primaryStmt)
	}
	x := p.constant(stmtValueWords)
	if x == nil {
		p.fail()
	}
	return x
}

// listedStmt parses a member of a list in a statement: a name, no number.
func listedStmt(p *parser) Expr {
	if p.kind() == tNumber {
		p.fail()
	}
	return primaryStmt(p)
}

// stmtExpr parses the value of a `set`, nat or similar statement: values and
// selectors, possibly with a map behind, a range, a prefix or a list.
func (p *parser) stmtExpr() Expr {
	from := p.i
	// A protocol or selector word that is meant as a value, as in `ct label set
	// ecn`, is one only where no field follows. nft takes fewer of them than it
	// prints: `ip protocol set udp` is its own listing's text.
	if w := p.word(); (stmtValueWords[w] || valueWords[w]) && p.endsValue(1) && (w != "gre" || headerFields[p.wordAt(1)] == nil) {
		x := Expr(p.symbol())
		if p.kind() == tComma {
			return p.list(from, x, listedStmt)
		}
		return x
	}
	x := p.basic(primaryStmt, primaryStmt)
	switch p.kind() {
	case tDot:
		c := &Concat{Parts: []Expr{x}}
		for p.accept(tDot) {
			c.Parts = append(c.Parts, primaryStmt(p))
		}
		c.Span = p.since(from)
		x = c
	case tDash:
		p.next()
		return &Range{From: x, To: p.basic(primaryStmt, primaryStmt), Pos: Pos{p.since(from)}}
	case tSlash:
		p.slash()
		return &Prefix{Addr: x, Len: p.number(), Pos: Pos{p.since(from)}}
	case tComma:
		if _, number := x.(*Number); number {
			return x
		}
		return p.list(from, x, listedStmt)
	}
	if p.acceptWord("map") {
		return &Map{Key: x, Map: p.mapRef(), Pos: Pos{p.since(from)}}
	}
	return x
}

// endsValue reports whether the token n ahead can't continue a selector.
func (p *parser) endsValue(n int) bool {
	k := p.kindAt(n)
	return k != tWord || reservedWords[p.wordAt(n)] && !fieldWords[p.wordAt(n)]
}

// vmapRef parses what stands behind `vmap`: all elements need a verdict.
func (p *parser) vmapRef() Expr {
	p.verdicts = true
	x := p.mapRef()
	p.verdicts = false
	return x
}

// mapRef parses what stands behind `map`.
func (p *parser) mapRef() Expr {
	if p.kind() == tLBrace {
		return p.setLit(nil)
	}
	if p.kind() != tAt && p.kind() != tDollar {
		p.fail("@", "'{'", "'$'")
	}
	return p.setRefOrVar()
}
