package lang

import "nfvm/diag"

// A RuleRun is rules one behind another that are yet to be parsed (Options.Later).
type RuleRun struct {
	p        *parser
	from, to int // their tokens
	path     int // how many tokens stand before each rule: of commands
}

// RunRules is how many rules a run has at most.
const RunRules = 64

// manyTokens are those of a text whose rules are worth parsing later.
const manyTokens = 1 << 14

// later reports whether rules may be parsed later.
func (p *parser) later() bool {
	return p.opt.Later && len(p.toks) >= manyTokens && p.balanced() && len(p.diags.Items) == 0
}

// laterRules gives the rules of a chain from here on as a run and goes behind
// them; nil if there are not many, or they need more than their text.
func (p *parser) laterRules() *RuleRun {
	if !p.later() {
		return nil
	}
	end, n := p.i, 0
	for n < RunRules && p.startsRule(end) {
		next := p.ruleEnd(end)
		if next < 0 {
			break
		}
		end = p.skipSeparators(next)
		n++
	}
	if n < 2 {
		return nil
	}
	return p.ruleRun(end, 0)
}

// ruleRun makes a run of what stands before a token, and goes there.
func (p *parser) ruleRun(to, path int) *RuleRun {
	q := *p
	q.symbols, q.numbers = nil, nil
	r := &RuleRun{p: &q, from: p.i, to: to, path: path}
	p.i = to
	p.unparsed = true
	return r
}

func (p *parser) skipSeparators(at int) int {
	for p.isSeparator(at) {
		at++
	}
	return at
}

func (p *parser) isSeparator(at int) bool {
	k := p.toks[at].kind
	return k == tNewline || k == tSemicolon
}

// startsRule reports whether a line of a chain is a rule.
func (p *parser) startsRule(at int) bool {
	switch t := p.toks[at]; t.kind {
	case tRBrace, tEOF:
		return false
	case tWord:
		return !chainWords[p.textOf(t)]
	}
	return true
}

// chainWords start the lines of a chain that are no rules.
var chainWords = map[string]bool{
	"include": true, "define": true, "redefine": true, "undefine": true,
	"type": true, "policy": true, "devices": true, "flags": true, "comment": true,
}

// ruleEnd finds the end of a rule, -1 if it uses variables: these may change.
func (p *parser) ruleEnd(at int) int {
	for ; ; at++ {
		switch p.toks[at].kind {
		case tDollar:
			return -1
		case tLBrace:
			for end := p.closing(at); at < end; at++ {
				if p.toks[at].kind == tDollar {
					return -1
				}
			}
		case tNewline, tSemicolon, tRBrace, tEOF:
			return at
		}
	}
}

// laterCommands leaves for later the commands from here on that add rules as
// the command at token from did, to the same chain.
func (p *parser) laterCommands(f *File, from int) {
	c, ok := f.Commands[len(f.Commands)-1].(*RuleCmd)
	if !ok || c.Verb != VerbAdd || c.Place != PlaceNone || !p.later() {
		return
	}
	path := 0
	for p.base+p.toks[from+path].start < c.Rule.Span.Start {
		path++
	}
	for {
		end, n := p.i, 0
		for n < RunRules && p.samePath(from, end, path) {
			next := p.ruleEnd(end + path)
			if next < 0 {
				break
			}
			end = p.skipSeparators(next)
			n++
		}
		if n < 2 {
			return
		}
		at := p.i
		run := p.ruleRun(end, path)
		f.Commands = append(f.Commands, &RuleCmd{Pos: Pos{p.since(at)}, Verb: VerbAdd, Path: c.Path, Rule: &Rule{Later: run}})
	}
}

// samePath reports whether as many tokens at b are those at a, and a rule
// follows.
func (p *parser) samePath(a, b, n int) bool {
	if b+n >= len(p.toks) {
		return false
	}
	for i := range n {
		if x, y := p.toks[a+i], p.toks[b+i]; x.kind != y.kind || p.textOf(x) != p.textOf(y) {
			return false
		}
	}
	t := p.toks[b+n]
	return placeKinds[p.textOf(t)] == PlaceNone && p.startsRule(b+n)
}

// Rules parses the rules of a run. Several runs may be parsed at once. After
// mistakes parse the whole text again without Options.Later: only that finds
// the right places to go on.
func (r *RuleRun) Rules() ([]*Rule, diag.List) {
	s := *r.p.session
	s.diags.Items = nil
	p := *r.p
	p.session = &s
	c := &Chain{Rules: make([]*Rule, 0, RunRules)}
	for p.i = r.from; p.i < r.to; p.acceptSeparator() {
		p.i += r.path
		p.chainRule(c)
		if len(s.diags.Items) > 0 {
			break
		}
		if !p.isSeparator(p.i) && p.kind() != tEOF {
			p.endOfItem()
			break
		}
	}
	return c.Rules, s.diags
}
