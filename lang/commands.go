package lang

import "slices"

// command parses one command of the file. The caller recovers.
func (p *parser) command(f *File) {
	if p.common(func(d *Define) { f.Defines = append(f.Defines, d) }, func(q *parser) { q.commands(f) }) {
		return
	}
	from := p.i
	p.hint, p.hintWords = p.i, commandWords
	var c Command
	switch w := p.word(); w {
	case "add", "create", "insert", "replace", "delete", "destroy", "get":
		p.next()
		c = p.verbCommand(from, Verb(slices.Index(verbNames[:], w)))
	case "list", "reset":
		p.next()
		c = p.listCommand(from, Verb(slices.Index(verbNames[:], w)))
	case "flush":
		p.next()
		c = p.flush(from)
	case "rename":
		p.next()
		p.expectWord("chain")
		r := &RenameCmd{Path: p.namePath()}
		r.New = p.identifier()
		r.Span = p.since(from)
		c = r
	case "monitor", "import", "export", "describe":
		p.next()
		c = p.otherCommand(from, w)
	default:
		c = p.verbCommand(from, VerbAdd)
	}
	f.Commands = append(f.Commands, c)
	p.endOfCommand()
}

// endOfCommand demands the separator behind a command.
func (p *parser) endOfCommand() {
	if p.kind() == tEOF || p.acceptSeparator() || p.ended == p.i {
		return
	}
	p.fail("end of file", "newline", "semicolon")
}

// commands parses commands up to the end of the text.
func (p *parser) commands(f *File) {
	for {
		p.acceptSeparator()
		if p.kind() == tEOF {
			return
		}
		at := p.i
		switch {
		case p.lostTrack():
			p.skipStatement(at, false)
		case p.kind() == tRBrace:
			p.diags.Errorf(p.span(), "syntax error, unexpected '}'")
		default:
			if p.try(func() { p.command(f) }) && p.opt.Later && len(f.Commands) > 0 {
				p.laterCommands(f, at)
			}
		}
		if p.i == at {
			p.next()
		}
	}
}

// lostTrack reports whether the next statement seems to be part of a block that
// ended too early: there have been errors, the braces of the text do not pair,
// and it starts like no command of a file. To complain about it would hide the
// first mistake.
func (p *parser) lostTrack() bool {
	if !p.diags.HasErrors() || p.balanced() {
		return false
	}
	switch p.word() {
	case "table", "add", "create", "insert", "replace", "delete", "destroy", "get", "list", "reset",
		"flush", "rename", "include", "define", "redefine", "undefine", "describe", "monitor":
		return false
	}
	return true
}

// verbCommand parses what stands behind the verb.
func (p *parser) verbCommand(from int, v Verb) Command {
	removes := v == VerbDelete || v == VerbDestroy
	p.hint, p.hintWords = p.i, commandWords
	switch w := p.word(); {
	case v == VerbInsert || v == VerbReplace:
		p.expectWord("rule")
		return p.ruleCommand(from, v)
	case v == VerbGet || w == "element":
		p.expectWord("element")
		e := &ElementCmd{Verb: v, Path: p.namePath()}
		e.Elements = p.elements()
		e.Span = p.since(from)
		return e
	case w == "table":
		p.next()
		return p.tableCommand(from, v)
	case w == "chain":
		p.next()
		return p.chainCommand(from, v)
	case w == "rule" && v != VerbCreate:
		p.next()
		return p.ruleCommand(from, v)
	case w == "set" || w == "map" || w == "meter" && removes:
		p.next()
		return p.setCommand(from, v, w)
	case w == "flowtable":
		p.next()
		return p.flowtableCommand(from, v)
	case w == "counter" || w == "quota" || w == "limit" || w == "secmark" || w == "synproxy":
		p.next()
		return p.objectCommand(from, v, w)
	case w == "ct":
		p.next()
		return p.objectCommand(from, v, "ct "+p.oneOf("helper", "timeout", "expectation").Text)
	case v == VerbAdd && p.misspelledTable():
		p.repaired([]string{"table"})
		p.next()
		return p.tableCommand(from, v)
	case v == VerbAdd && p.startsRulePath():
		p.implicit = p.i
		return p.ruleCommand(from, v)
	}
	p.fail()
	return nil
}

// startsRulePath reports whether `[family] table chain …` can start here, the
// short form of `add rule`.
func (p *parser) startsRulePath() bool {
	return isFamily(p.word()) || p.isPlain(p.toks[p.i])
}

// misspelledTable reports whether `tabel [family] name {` stands here.
func (p *parser) misspelledTable() bool {
	n := 1
	if isFamily(p.wordAt(1)) {
		n = 2
	}
	return p.kindAt(n+1) == tLBrace && p.misspelled(p.toks[p.i], []string{"table"}) != ""
}

func (p *parser) tableCommand(from int, v Verb) Command {
	t := &TableCmd{Verb: v}
	switch v {
	case VerbAdd, VerbCreate:
		t.Path = p.tablePath()
		if p.kind() == tLBrace {
			t.Body = p.tableBlock()
		}
	default:
		t.Path.Family = p.family()
		if p.acceptWord("handle") {
			t.Path.Handle = p.number()
		} else {
			t.Path.Table = p.identifier()
		}
	}
	t.Span = p.since(from)
	return t
}

func (p *parser) chainCommand(from int, v Verb) Command {
	c := &ChainCmd{Verb: v}
	if v == VerbDelete || v == VerbDestroy {
		c.Path = p.namePathOrHandle()
	} else {
		c.Path = p.namePath()
	}
	if p.kind() == tLBrace && v != VerbDestroy {
		c.Body = p.chainBody()
		c.Body.Name = c.Path.Name
	}
	c.Span = p.since(from)
	return c
}

var placeKinds = map[string]PlaceKind{"handle": PlaceHandle, "position": PlacePosition, "index": PlaceIndex}

// ruleCommand parses path, place and statements.
func (p *parser) ruleCommand(from int, v Verb) Command {
	c := &RuleCmd{Verb: v, Path: p.namePath()}
	switch v {
	case VerbReplace, VerbDelete, VerbDestroy, VerbReset:
		p.expectWord("handle")
		c.Place, c.Number = PlaceHandle, p.number()
	default:
		if k := placeKinds[p.word()]; k != PlaceNone {
			p.next()
			c.Place, c.Number = k, p.number()
		}
	}
	if v == VerbAdd || v == VerbInsert || v == VerbReplace {
		c.Rule = p.rule()
	}
	c.Span = p.since(from)
	return c
}

func (p *parser) setCommand(from int, v Verb, kind string) Command {
	c := &SetCmd{Verb: v, Kind: kind}
	if v == VerbDelete || v == VerbDestroy {
		c.Path = p.namePathOrHandle()
	} else {
		c.Path = p.namePath()
		if p.kind() != tLBrace {
			p.fail("'{'")
		}
		c.Body = p.setBody(kind)
		c.Body.Name = c.Path.Name
	}
	c.Span = p.since(from)
	return c
}

func (p *parser) flowtableCommand(from int, v Verb) Command {
	c := &FlowtableCmd{Verb: v}
	if v == VerbDelete || v == VerbDestroy {
		c.Path = p.namePathOrHandle()
	} else {
		c.Path = p.namePath()
	}
	if p.kind() == tLBrace {
		c.Body = p.flowtableBlock(p.i, c.Path.Name)
	}
	c.Span = p.since(from)
	return c
}

// objectCommand parses a command about a named object; its parameters stand in
// a block or on the line.
func (p *parser) objectCommand(from int, v Verb, kind string) Command {
	c := &ObjectCmd{Verb: v, Kind: kind}
	if v == VerbDelete || v == VerbDestroy {
		c.Path = p.namePathOrHandle()
	} else {
		c.Path = p.namePath()
		start := p.i
		switch {
		case p.kind() == tLBrace:
			c.Body = p.objectBlock(start, kind, c.Path.Name)
		case !p.atEnd() || kind != "counter":
			c.Body = &Object{Kind: kind, Name: c.Path.Name}
			p.objectConfig(c.Body)
			c.Body.Span = p.since(start)
		default:
			c.Body = &Object{Kind: kind, Name: c.Path.Name}
		}
	}
	c.Span = p.since(from)
	return c
}

// flush parses what stands behind `flush`.
func (p *parser) flush(from int) Command {
	c := &FlushCmd{What: p.oneOfAny("ruleset", "table", "chain", "set", "map", "meter", "flow").Text}
	switch c.What {
	case "ruleset":
		c.Path.Family = p.family()
	case "table":
		c.Path = p.tablePath()
	case "flow":
		p.expectWord("table")
		c.What = "meter"
		c.Path = p.namePath()
	default:
		c.Path = p.namePath()
	}
	c.Span = p.since(from)
	return c
}
