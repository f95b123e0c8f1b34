package lang

import "slices"

// rule parses the statements of a rule up to a separator.
func (p *parser) rule() *Rule {
	from := p.i
	r := &Rule{}
	var buf [8]Stmt // most rules have few statements
	stmts := buf[:0]
	p.before = -1
	for !p.atEnd() && p.word() != "comment" {
		if k := p.kind(); len(stmts) > 0 && !k.startsStmt() {
			p.failEnd()
		}
		p.hint, p.hintWords = p.i, statementWords
		at := p.i
		stmts = append(stmts, p.stmt())
		p.before = at
	}
	if len(stmts) == 0 {
		p.fail()
	}
	r.Stmts = append(make([]Stmt, 0, len(stmts)), stmts...)
	if p.word() == "comment" {
		p.comment(&r.Comment)
		if !p.atEnd() {
			p.failEnd()
		}
	}
	r.Span = p.since(from)
	return r
}

// failEnd refuses what stands behind a complete rule.
func (p *parser) failEnd() {
	if p.scope.parent == nil { // a command of its own
		p.fail("end of file", "newline", "semicolon")
	}
	p.fail("newline", "semicolon")
}

// stmt parses one statement.
func (p *parser) stmt() Stmt {
	switch p.word() {
	case "accept", "drop", "continue", "return", "jump", "goto":
		v := p.verdict(true)
		return &VerdictStmt{Pos: v.Pos, Verdict: v}
	case "counter", "limit", "quota", "last", "synproxy", "ct":
		if s := p.statefulOrRef(); s != nil {
			return s
		}
	case "log":
		return p.log()
	case "reject":
		return p.reject()
	case "snat", "dnat", "masquerade", "redirect":
		return p.nat()
	case "tproxy":
		return p.tproxy()
	case "queue":
		return p.queue()
	case "dup", "fwd":
		return p.copyStmt()
	case "add", "update", "delete", "set":
		return p.setUpdate()
	case "meter":
		return p.meter()
	case "notrack", "flow", "reset", "xt":
		return p.plainStmt()
	}
	return p.match()
}

// verdict parses a verdict; nil if the next token is none. An anonymous chain
// is taken only in statements.
func (p *parser) verdict(block bool) *Verdict {
	from := p.i
	v := &Verdict{}
	switch p.word() {
	case "accept":
	case "drop":
		v.Kind = VerdictDrop
	case "continue":
		v.Kind = VerdictContinue
	case "return":
		v.Kind = VerdictReturn
	case "jump":
		v.Kind = VerdictJump
	case "goto":
		v.Kind = VerdictGoto
	default:
		return nil
	}
	p.next()
	if v.Kind >= VerdictJump {
		switch {
		case p.kind() == tDollar:
			v.Chain = p.varRef()
		case block && p.kind() == tLBrace:
			v.Block = p.anonymousChain()
		default:
			if !p.kind().isString() {
				p.fail("string", "'$'")
			}
			w := p.identifier()
			v.Chain = &Symbol{Pos: w.Pos, Text: w.Text}
		}
	}
	v.Span = p.since(from)
	return v
}

// anonymousChain parses `{ rules }` behind jump or goto.
func (p *parser) anonymousChain() *Chain {
	p.enter()
	p.open()
	from := p.i
	if p.scope.depth() > maxScopes {
		p.failAt(p.span(), "too many levels of nesting")
	}
	p.expect(tLBrace)
	c := &Chain{}
	for {
		p.acceptSeparator()
		if p.kind() == tRBrace || p.kind() == tEOF {
			break
		}
		p.chainRule(c)
		p.endOfItem()
	}
	p.expect(tRBrace)
	p.close()
	p.leave()
	c.Span = p.since(from)
	return c
}

// match parses a statement that starts with an expression: a relation, a
// verdict map, or an assignment.
func (p *parser) match() Stmt {
	from := p.i
	left := p.concatLHS()
	switch left.(type) {
	case *Symbol, *Number:
		p.strayWord(from)
	}
	if t := p.toks[p.i]; t.kind == tWord {
		switch p.textOf(t) {
		case "vmap":
			p.next()
			return &VMap{Key: left, Map: p.vmapRef(), Pos: Pos{p.since(from)}}
		case "set":
			return p.assign(from, left)
		case "map":
			p.next()
			left = &Map{Key: left, Map: p.mapRef(), Pos: Pos{p.since(from)}}
		}
	}
	if _, ct := left.(*CT); ct && ctWords[p.word()] {
		p.fail() // a key of ct where its value should be
	}
	m := &Match{Relational{Left: left}}
	p.relation(&m.Relational)
	m.Span = p.since(from)
	return m
}

// ctWords are the words that are keywords right behind a ct key.
var ctWords = wordSet(`avgpkt l3proto proto-src proto-dst zone direction event expectation expiration
	helper helpers state status count`)

// strayWord refuses a bare word where a statement should begin.
func (p *parser) strayWord(at int) {
	p.hint, p.hintWords = at, p.wordsHere()
	if p.i > at+1 {
		p.i = at + 1
	}
	t := p.toks[at]
	if at > 0 && headerFields[p.textOf(p.toks[at-1])] != nil && fieldHints[p.textOf(t)] != "" {
		p.diags.Errorf(p.spanOf(t), "syntax error, unexpected string '%s': the right side of a comparison must be a constant, not a field",
			p.textOf(t))
	} else if full := fieldHints[p.textOf(t)]; full != "" {
		p.diags.Errorf(p.spanOf(t), "syntax error, unexpected string '%s'; did you mean ‘%s’?", p.textOf(t), full)
	} else if !p.blameHint() {
		p.i = at
		p.fail()
	}
	panic(bailout{})
}

// wordsHere lists the words that a rule may go on with: the options of the
// statement before, or the start of another one.
func (p *parser) wordsHere() []string {
	if p.before < 0 && p.scope.parent == nil {
		return slices.Concat([]string{"position", "index", "handle"}, statementWords)
	} else if p.before < 0 {
		return statementWords
	}
	return slices.Concat(statementOptions[p.textOf(p.toks[p.before])], statementWords)
}

// fieldHints completes fields that are often written without their header.
var fieldHints = map[string]string{
	"saddr": "ip saddr", "daddr": "ip daddr", "sport": "tcp sport", "dport": "tcp dport", "state": "ct state",
	"l4proto": "meta l4proto", "protocol": "meta protocol", "nfproto": "meta nfproto", "prefix": "log prefix",
	"rate": "limit rate", "to": "dnat to", "with": "reject with", "nexthdr": "ip6 nexthdr", "status": "ct status",
}

var relationOps = [...]Op{tEq: OpEq, tNeq: OpNeq, tLt: OpLt, tLe: OpLe, tGt: OpGt, tGe: OpGe, tNot: OpNot}

// relation parses operator and right side.
func (p *parser) relation(r *Relational) {
	if k := p.kind(); k >= tEq && k <= tGe || k == tNot {
		r.Op = relationOps[k]
		r.OpSpan = p.spanOf(p.next())
	}
	from := p.i
	r.Right = p.rhs(true)
	switch r.Right.(type) {
	case *SetLit, *SetRef:
		return
	}
	if _, whole := r.Right.(*Prefix); whole && p.kind() == tSlash {
		p.failEnd()
	}
	if p.accept(tSlash) {
		x := p.basicRHS()
		if p.kind() != tComma {
			p.fail("comma")
		}
		r.Mask = p.list(from, x, primaryRHS)
		r.Mask.(*List).Span = x.At().To(p.since(p.i - 1))
	}
}

// assign parses `set VALUE` behind a target.
func (p *parser) assign(from int, target Expr) Stmt {
	switch t := target.(type) {
	case *Meta, *Payload, *RawPayload, *TCPOption, *Inner:
	case *CT:
		if t.Key.Text == "helper" && !t.Dir.Set() {
			p.next()
			return &ObjRef{Kind: "ct helper", Ref: p.stmtExpr(), Pos: Pos{p.since(from)}}
		}
	default:
		p.fail()
	}
	p.next()
	return &Assign{Target: target, Value: p.stmtExpr(), Pos: Pos{p.since(from)}}
}
