package lang

import "strings"

// log parses `log` with its options in any order.
func (p *parser) log() *Log {
	from := p.i
	p.next()
	l := &Log{}
	for p.logOption(l) {
	}
	l.Span = p.since(from)
	return l
}

func (p *parser) logOption(l *Log) bool {
	switch p.word() {
	case "prefix":
		p.next()
		l.Prefix = p.expandVars(p.stringWord())
	case "group":
		p.next()
		l.Group = p.number()
	case "snaplen":
		p.next()
		l.Snaplen = p.number()
	case "queue-threshold":
		p.next()
		l.Threshold = p.number()
	case "level":
		p.next()
		l.Level = p.stringWord()
	case "flags":
		p.next()
		p.logFlags(l)
	default:
		return false
	}
	return true
}

// logFlags parses `tcp sequence,options`, `ip options`, `skuid`, `ether`, `all`.
func (p *parser) logFlags(l *Log) {
	w := p.oneOfAny("tcp", "ip", "skuid", "ether", "all")
	switch w.Text {
	case "tcp":
		for {
			f := p.oneOf("sequence", "options")
			l.Flags = append(l.Flags, Word{Pos: Pos{w.Span.To(f.Span)}, Text: "tcp " + f.Text})
			if !p.accept(tComma) {
				return
			}
		}
	case "ip":
		f := p.oneOf("options")
		w = Word{Pos: Pos{w.Span.To(f.Span)}, Text: "ip options"}
	}
	l.Flags = append(l.Flags, w)
}

// expandVars replaces `$name` in a log prefix by the variable's text.
func (p *parser) expandVars(w Word) Word {
	if !strings.Contains(w.Text, "$") {
		return w
	}
	var b strings.Builder
	for rest := w.Text; rest != ""; {
		i := strings.IndexByte(rest, '$')
		if i < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:i])
		n := i + 1
		for n < len(rest) && (class[rest[n]]&clWord != 0 && rest[n] != '.' && rest[n] != '/' && rest[n] != '-') {
			n++
		}
		b.WriteString(p.varText(rest[i+1:n], w.Span))
		rest = rest[n:]
	}
	w.Text = b.String()
	return w
}

// varText gives the value of a variable that is a single word.
func (p *parser) varText(name string, at Span) string {
	d := p.scope.lookup(name)
	if d == nil {
		p.diags.Errorf(at, "unknown identifier '%s'%s", name, p.suggestVar(name))
		return ""
	}
	d.Used = true
	for range maxDepth {
		switch v := d.Value.(type) {
		case *Symbol:
			return v.Text
		case *Number:
			return string(p.sources.Text(v.Span))
		case *VarRef:
			if v.Def != nil {
				d = v.Def
				continue
			}
			return ""
		}
		break
	}
	p.diags.Errorf(at, "variable '%s' is not a string", name)
	return ""
}

// reject parses `reject [with …]`.
func (p *parser) reject() *Reject {
	from := p.i
	p.next()
	r := &Reject{}
	if p.acceptWord("with") {
		r.Kind = p.oneOf("icmp", "icmpv6", "tcp", "icmpx")
		if r.Kind.Text == "tcp" {
			w := p.expectWord("reset")
			r.Kind = Word{Pos: Pos{r.Kind.Span.To(w.Span)}, Text: "tcp reset"}
		} else {
			r.Code = p.rejectCode(p.acceptWord("type"))
		}
	}
	r.Span = p.since(from)
	return r
}

func (p *parser) rejectCode(typed bool) Expr {
	if p.kind() == tNumber {
		n := p.takeNumber()
		return &n
	}
	if !p.isPlain(p.toks[p.i]) {
		if typed {
			p.fail("number", "string")
		}
		p.fail("number", "string", "type")
	}
	return p.symbol()
}
