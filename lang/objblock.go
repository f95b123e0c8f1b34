package lang

import "fmt"

// objectBlock parses the block of a named object.
func (p *parser) objectBlock(from int, kind string, name Word) *Object {
	o := &Object{Kind: kind, Name: name}
	o.Broken = !p.block(func() { p.objectItem(o) })
	o.Span = p.since(from)
	return o
}

// objectItem parses one line of an object.
func (p *parser) objectItem(o *Object) {
	if p.common(func(*Define) {}, func(q *parser) { q.items(func() { q.objectItem(o) }, false) }) {
		return
	}
	if p.word() == "comment" {
		p.comment(&o.Comment)
		return
	}
	switch o.Kind {
	case "ct helper", "ct timeout", "ct expectation":
		p.ctObjectItem(o)
	default:
		p.objectConfig(o)
	}
}

// objectConfig parses the parameters of an object that has one line of them.
func (p *parser) objectConfig(o *Object) {
	from := p.i
	switch o.Kind {
	case "counter":
		p.expectWord("packets")
		c := &Counter{Packets: p.number()}
		p.expectWord("bytes")
		c.Bytes = p.number()
		c.Span = p.since(from)
		o.Counter = c
	case "quota":
		o.Quota = p.quota(from)
	case "limit":
		o.Limit = p.limit(from)
	case "secmark":
		w := p.stringWord()
		o.Secmark = &Secmark{Pos: w.Pos, Context: w}
	case "synproxy":
		if o.Synproxy == nil {
			o.Synproxy = &Synproxy{}
		}
		if !p.synproxyArg(o.Synproxy) {
			p.fail()
		}
		for p.synproxyArg(o.Synproxy) {
		}
		o.Synproxy.Span = p.since(from)
	}
}

// ctObjectItem parses a line of a ct helper, timeout or expectation.
func (p *parser) ctObjectItem(o *Object) {
	from := p.i
	w := p.word()
	switch {
	case w == "policy" && o.Kind == "ct timeout":
		p.next()
		p.expect(tAssign)
		t := o.timeout()
		t.Policy = append(t.Policy, p.timeoutPolicy()...)
		t.Span = p.since(from)
	case w == "timeout" && o.Kind == "ct expectation":
		p.next()
		o.expectation().Timeout = p.duration(false)
		o.Expectation.Span = p.since(from)
	default:
		g := parseLine(p, ctObjectParser)
		o.setCT(p, g, p.since(from))
	}
	p.endOfItem()
}

func (o *Object) timeout() *CTTimeout {
	if o.Timeout == nil {
		o.Timeout = &CTTimeout{}
	}
	return o.Timeout
}

func (o *Object) expectation() *CTExpectation {
	if o.Expectation == nil {
		o.Expectation = &CTExpectation{}
	}
	return o.Expectation
}

func (o *Object) helper() *CTHelper {
	if o.Helper == nil {
		o.Helper = &CTHelper{}
	}
	return o.Helper
}

// setCT puts a parsed line into the object, if its kind has such a line.
func (o *Object) setCT(p *parser, g *ctObjectGrammar, at Span) {
	kind := o.Kind
	switch {
	case g.Type != nil && kind == "ct helper" && !g.Type.Quoted:
		p.failAt(g.Type.Span, "syntax error, unexpected string, expecting quoted string")
	case g.Type != nil && kind == "ct helper":
		o.setHelper(p, Word(*g.Type), p.l4proto(g.TypeL4))
	case g.Protocol != nil && kind == "ct timeout":
		o.timeout().Protocol = p.l4proto(g.Protocol)
	case g.Protocol != nil && kind == "ct expectation":
		o.expectation().Protocol = p.l4proto(g.Protocol)
	case g.L3Proto != nil:
		if !isFamily(g.L3Proto.Text) {
			p.failAt(g.L3Proto.Span, "syntax error, unexpected string, expecting a family: ip, ip6, inet")
		}
		switch kind {
		case "ct helper":
			o.helper().L3Proto = Word(*g.L3Proto)
		case "ct timeout":
			o.timeout().L3Proto = Word(*g.L3Proto)
		default:
			o.expectation().L3Proto = Word(*g.L3Proto)
		}
	case g.Dport != nil && kind == "ct expectation":
		o.expectation().Dport = Number(*g.Dport)
	case g.Size != nil && kind == "ct expectation":
		o.expectation().Size = Number(*g.Size)
	default:
		p.failAt(at, "syntax error, a "+kind+" has no such property")
	}
}

// maxHelperName is the size of a helper's name with its final zero
// (NF_CT_HELPER_NAME_LEN).
const maxHelperName = 16

// setHelper takes `type "ftp" protocol tcp`; it may be written once.
func (o *Object) setHelper(p *parser, name, proto Word) {
	h := o.helper()
	switch {
	case !name.Quoted:
		p.failAt(name.Span, "syntax error, unexpected string, expecting quoted string")
	case h.Type.Set():
		p.failAt(name.Span, "You can only specify this once. This statement is already set for "+h.Type.Text+".")
	case name.Text == "" || len(name.Text) >= maxHelperName:
		p.failAt(name.Span, fmt.Sprintf("invalid name '%s', max length is %d", name.Text, maxHelperName))
	}
	h.Type, h.Protocol = name, proto
}

// l4proto checks the protocol of a ct object.
func (p *parser) l4proto(l *label) Word {
	if l.Text != "tcp" && l.Text != "udp" {
		p.failAt(l.Span, "syntax error, unexpected "+l.Text+", expecting tcp or udp")
	}
	return Word(*l)
}

// timeoutPolicy parses `{ established : 120, close : 2m }`.
func (p *parser) timeoutPolicy() []CTTimeoutState {
	var out []CTTimeoutState
	p.expect(tLBrace)
	if p.accept(tRBrace) { // what nft lists when all are the default
		return nil
	}
	for {
		p.accept(tNewline)
		from := p.i
		s := CTTimeoutState{State: p.plainWord()}
		p.expect(tColon)
		s.Time = p.durationOrSeconds()
		s.Span = p.since(from)
		out = append(out, s)
		p.accept(tNewline)
		if !p.accept(tComma) {
			break
		}
	}
	if p.kind() != tRBrace {
		p.fail("comma", "'}'")
	}
	p.next()
	return out
}
