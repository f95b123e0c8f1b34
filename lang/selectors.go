package lang

import (
	"slices"
	"strings"
)

// fieldWords are the reserved words that are header fields too.
var fieldWords = wordSet(`type flags ecn vni option priority mark random secmark ipsec`)

// field parses the name of a header field. An unknown one is left for the
// compiler, a keyword that can't be one is an error here.
func (p *parser) field() Word {
	w := p.word()
	if w == "" || reservedWords[w] && !fieldWords[w] {
		p.fail()
	}
	return p.takeWord()
}

// header parses `tcp dport` and the like, and the options and chunks.
func (p *parser) header(proto string) Expr {
	from := p.i
	w := p.takeWord()
	next := p.word()
	switch {
	case proto == "tcp" && next == "option":
		p.next()
		return p.tcpOption(from)
	case proto == "ip" && next == "option":
		p.next()
		return p.ipOption(from)
	case proto == "dccp" && next == "option":
		p.next()
		return &DCCPOption{Kind: p.number(), Pos: Pos{p.since(from)}}
	case proto == "sctp" && next == "chunk":
		p.next()
		return p.sctpChunk(from)
	}
	f := p.fieldOf(proto)
	if proto == "arp" && (f.Text == "saddr" || f.Text == "daddr") {
		second := p.oneOf("ether", "ip")
		f = Word{Pos: Pos{f.Span.To(second.Span)}, Text: f.Text + " " + second.Text}
	}
	return &Payload{Pos: Pos{p.since(from)}, Proto: w, Field: f}
}

// rawPayload parses `@base,offset,length`.
func (p *parser) rawPayload() Expr {
	from := p.i
	p.expect(tAt)
	if w := p.word(); w == "" || reservedWords[w] && w != "th" {
		p.fail("string", "ll", "nh", "th")
	}
	r := &RawPayload{Base: p.takeWord()}
	r.Offset, r.Len = p.commaNumber(), p.commaNumber()
	r.Span = p.since(from)
	return r
}

func (p *parser) commaNumber() Number {
	p.expect(tComma)
	return p.number()
}

// tcpOptionFields are the fields of all TCP options.
var tcpOptionFields = strings.Fields("length size left right count tsval tsecr subtype")

// tcpOption parses what stands behind `tcp option`.
func (p *parser) tcpOption(from int) *TCPOption {
	o := &TCPOption{Raw: p.accept(tAt)}
	if p.kind() == tNumber {
		o.KindNum = p.takeNumber()
	} else {
		o.Kind = p.fieldOf("tcp option")
	}
	if o.Raw {
		o.Offset, o.Len = p.commaNumber(), p.commaNumber()
	} else if f := p.word(); slices.Contains(tcpOptionFields, f) {
		o.Field = p.takeWord()
	} else if p.kindAt(1) == tNumber {
		if meant := p.repaired(tcpOptionFields); meant != f {
			o.Field = p.takeWord()
			o.Field.Text = meant
		}
	}
	o.Span = p.since(from)
	return o
}

func (p *parser) ipOption(from int) Expr {
	o := &IPOption{Name: p.fieldOf("ip option")}
	o.Field = p.optionalField()
	o.Span = p.since(from)
	return o
}

func (p *parser) sctpChunk(from int) Expr {
	c := &SCTPChunk{Chunk: p.fieldOf("sctp chunk")}
	c.Field = p.optionalField()
	c.Span = p.since(from)
	return c
}

// optionalField parses a field if a word follows that can be one.
func (p *parser) optionalField() Word {
	if w := p.word(); w != "" && (!reservedWords[w] || fieldWords[w]) {
		return p.takeWord()
	}
	return Word{}
}

// tunnel parses a field of a tunnel header or of a packet inside it.
func (p *parser) tunnel(w string) Expr {
	from := p.i
	name := p.takeWord()
	switch p.word() {
	case "ether", "vlan", "arp", "ip", "ip6", "icmp", "icmpv6", "igmp", "ah", "esp", "comp", "udp",
		"udplite", "tcp", "dccp", "sctp", "th":
		inner := p.header(p.word())
		return &Inner{Pos: Pos{p.since(from)}, Tunnel: name, Expr: inner}
	}
	if w == "gretap" {
		p.fail()
	}
	return &Payload{Proto: name, Field: p.fieldOf(w), Pos: Pos{p.since(from)}}
}

// rtKeys are the keys of the routing expression; `rt` with another word is the
// routing header.
var rtKeys = wordSet(`classid nexthop mtu ipsec ip ip6`)

// exthdr parses a field of an IPv6 extension header, or a routing key.
func (p *parser) exthdr(w string) Expr {
	from := p.i
	header := p.takeWord()
	if w == "exthdr" {
		return &Exthdr{Header: p.oneOf("hbh", "rt", "frag", "dst", "mh"), Pos: Pos{p.since(from)}}
	}
	if w == "rt" && rtKeys[p.word()] {
		r := &Rt{}
		if f := p.word(); f == "ip" || f == "ip6" {
			r.L3 = p.takeWord()
		}
		r.Key = p.field()
		r.Span = p.since(from)
		return r
	}
	e := &Exthdr{Header: header, Field: p.fieldOf(w)}
	if f := e.Field.Text; f == "sid" || f == "addr" && w == "rt0" {
		p.expect(tLBracket)
		e.Index = p.number()
		p.expect(tRBracket)
	}
	e.Span = p.since(from)
	return e
}

// meta parses `meta KEY`.
func (p *parser) meta() Expr {
	from := p.i
	p.next()
	w := p.word()
	if w == "" || reservedWords[w] && !bareMeta[w] && !fieldWords[w] {
		p.fail()
	}
	return &Meta{Key: p.takeWord(), Pos: Pos{p.since(from)}}
}

// ct parses `ct [DIR] [L3] KEY`.
func (p *parser) ct() Expr {
	from := p.i
	p.next()
	c, keys := &CT{}, "ct"
	if w := p.word(); w == "original" || w == "reply" {
		c.Dir, keys = p.takeWord(), "ct original"
		if f := p.word(); f == "ip" || f == "ip6" {
			c.L3, keys = p.takeWord(), "ct ip"
		}
	}
	c.Key = p.fieldOf(keys)
	c.Span = p.since(from)
	return c
}

// fib parses `fib FLAG . FLAG RESULT`.
func (p *parser) fib() Expr {
	from := p.i
	p.next()
	f := &Fib{Flags: []Word{p.oneOf(fibFlags...)}}
	for p.accept(tDot) {
		f.Flags = append(f.Flags, p.oneOf(fibFlags...))
	}
	f.Result = p.oneOf("type", "oif", "oifname", "check")
	f.Span = p.since(from)
	return f
}

var fibFlags = []string{"saddr", "daddr", "mark", "iif", "oif"}

// hostSelector parses what only a host knows: sockets, fingerprints, ipsec.
func (p *parser) hostSelector(w string) Expr {
	from := p.i
	p.next()
	switch w {
	case "socket":
		s := &Socket{Key: p.oneOf("transparent", "wildcard", "cgroupv2", "mark")}
		if s.Key.Text == "cgroupv2" {
			p.expectWord("level")
			s.Level = p.number()
		}
		s.Span = p.since(from)
		return s
	case "osf":
		o := &Osf{}
		if p.acceptWord("ttl") {
			o.TTL = p.plainWord()
		}
		o.Key = p.oneOf("version", "name")
		o.Span = p.since(from)
		return o
	}
	x := &Ipsec{Dir: p.oneOf("in", "out")}
	if p.acceptWord("spnum") {
		x.Spnum = p.number()
	}
	if f := p.word(); f == "ip" || f == "ip6" {
		x.L3 = p.takeWord()
		x.Key = p.oneOf("saddr", "daddr")
	} else {
		if w := p.word(); w != "spi" && w != "reqid" {
			p.fail("ip", "ip6", "spi", "reqid")
		}
		x.Key = p.takeWord()
	}
	x.Span = p.since(from)
	return x
}

// generator parses number generators and hashes.
func (p *parser) generator(w string) Expr {
	from := p.i
	p.next()
	switch w {
	case "numgen":
		g := &Numgen{Mode: p.oneOf("random", "inc")}
		p.expectWord("mod")
		g.Mod = p.number()
		g.Offset = p.optionalNumber("offset")
		g.Span = p.since(from)
		return g
	case "symhash":
		p.expectWord("mod")
		h := &SymHash{Mod: p.number()}
		h.Offset = p.optionalNumber("offset")
		h.Span = p.since(from)
		return h
	}
	p.enter() // jhash jhash jhash …
	h := &JHash{Expr: p.concatLHS()}
	p.leave()
	p.expectWord("mod")
	h.Mod = p.number()
	h.Seed = p.optionalNumber("seed")
	h.Offset = p.optionalNumber("offset")
	h.Span = p.since(from)
	return h
}

// optionalNumber parses `WORD N` if the word is there.
func (p *parser) optionalNumber(word string) Number {
	if p.acceptWord(word) {
		return p.number()
	}
	return Number{}
}
