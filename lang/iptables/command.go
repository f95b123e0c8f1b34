package iptables

import (
	"strconv"
	"strings"

	"nfvm/diag"
)

// A commandSpec is a command of iptables: what it is called, and what it does
// with the words behind it.
type commandSpec struct {
	short, long string
	run         func(p *parser, c *call)
}

// A call is one command line.
type call struct {
	name            word
	args            []word // behind the command's word
	packets, octets uint64
	chain           word
	number          int // of a rule, from 1; 0: not given
	numberAt        word
	rest            []word // of args, behind chain and number
}

var commands = []commandSpec{
	{"-A", "--append", (*parser).appendRule},
	{"-I", "--insert", (*parser).insertRule},
	{"-R", "--replace", (*parser).replaceRule},
	{"-D", "--delete", (*parser).deleteRule},
	{"-N", "--new-chain", (*parser).newChain},
	{"-X", "--delete-chain", (*parser).deleteChain},
	{"-F", "--flush", (*parser).flush},
	{"-P", "--policy", (*parser).policy},
	{"-E", "--rename-chain", (*parser).rename},
	{"-Z", "--zero", (*parser).zero},
	{"-C", "--check", (*parser).checkRule},
}

// elsewhere are the commands that a saved file has no use for.
var elsewhere = map[string]string{
	"-L": "it lists rules", "--list": "it lists rules", "-S": "it lists rules", "--list-rules": "it lists rules",
	"-h": "it prints help", "--help": "it prints help", "-V": "it prints a version", "--version": "it prints a version",
	"-t": "a line like *nat begins a table", "--table": "a line like *nat begins a table",
}

// commandLine reads `[packets:bytes] -A CHAIN …`.
func (p *parser) commandLine(words []word) {
	c := &call{}
	if strings.HasPrefix(words[0].text, "[") {
		var ok bool
		words = closeBracket(words)
		if c.packets, c.octets, ok = counters(words[0].text); !ok || len(words) < 2 {
			p.diags.Errorf(words[0].span, "counters are written [packets:bytes], before a rule")
			return
		}
		words = words[1:]
	}
	if len(words) > maxWords {
		p.diags.Errorf(words[maxWords].span, "a line has at most %d words, as for iptables-restore", maxWords)
		return
	}
	c.name, c.args = words[0], words[1:]
	for i := range commands {
		s := &commands[i]
		if c.name.text != s.short && c.name.text != s.long {
			continue
		}
		s.run(p, c)
		return
	}
	if why := elsewhere[c.name.text]; why != "" {
		p.diags.Errorf(c.name.span, "command %s has no place in a file of rules: %s", c.name.text, why)
		return
	}
	if tool := c.name.text; len(c.args) > 0 && (tool == "iptables" || tool == "ip6tables" || tool == "sudo") {
		p.diags.Errorf(c.name.span, "a line of a saved file has no %s in front: it starts with the command, as -A", tool)
		return
	}
	p.diags.Errorf(c.name.span, "unknown command %s%s", c.name.text, didYouMean(c.name.text, commandNames()))
}

// maxWords is how many words iptables-restore takes on a line, beside its own
// name and the table's (MAX_ARGC).
const maxWords = 251

func commandNames() []string {
	var out []string
	for _, s := range commands {
		out = append(out, s.long)
	}
	return append(out, "COMMIT")
}

// closeBracket divides counters from a command right behind them.
func closeBracket(words []word) []word {
	w := words[0]
	i := strings.IndexByte(w.text, ']') + 1
	if i == 0 || i == len(w.text) || w.quoted {
		return words
	}
	cut := w.span.Start + uint32(i)
	front := word{text: w.text[:i], span: diag.Span{Start: w.span.Start, End: cut}}
	behind := word{text: w.text[i:], span: diag.Span{Start: cut, End: w.span.End}}
	return append([]word{front, behind}, words[1:]...)
}

// counters reads [packets:bytes].
func counters(s string) (packets, octets uint64, ok bool) {
	s, open := strings.CutPrefix(s, "[")
	s, closed := strings.CutSuffix(s, "]")
	a, b, colon := strings.Cut(s, ":")
	if !open || !closed || !colon {
		return 0, 0, false
	}
	packets, err1 := strconv.ParseUint(a, 10, 64)
	octets, err2 := strconv.ParseUint(b, 10, 64)
	return packets, octets, err1 == nil && err2 == nil
}

// target reads the chain that a command acts on; it must exist.
func (p *parser) target(c *call) *chain {
	if len(c.args) == 0 {
		p.diags.Errorf(c.name.span, "%s needs the name of a chain", c.name.text)
		return nil
	}
	c.chain, c.rest = c.args[0], c.args[1:]
	ch := p.cur.chain(c.chain, false)
	if ch == nil {
		p.diags.Errorf(c.chain.span, "table %s has no chain %s%s", p.cur.name, c.chain.text, p.nearChain(c.chain.text, p.cur.chainNames))
	}
	return ch
}

// ruleNumber reads an optional number of a rule.
func (c *call) ruleNumber() {
	if len(c.rest) == 0 {
		return
	}
	if n, err := strconv.Atoi(c.rest[0].text); err == nil && n > 0 {
		c.number, c.numberAt, c.rest = n, c.rest[0], c.rest[1:]
	}
}

func (p *parser) appendRule(c *call) {
	ch := p.target(c)
	rules := p.rules(c, ch)
	if ch == nil {
		return
	}
	for _, r := range rules {
		p.cur.insert(ch, ch.rules.Len(), r)
	}
}

// insertRule puts each rule that a line makes at the same place, so that they
// end up in reverse.
func (p *parser) insertRule(c *call) {
	ch := p.target(c)
	c.ruleNumber()
	rules := p.rules(c, ch)
	if ch == nil {
		return
	}
	at := max(c.number, 1) - 1
	if at > ch.rules.Len() {
		p.diags.Errorf(c.numberAt.span, "chain %s has %d rules", ch.name.text, ch.rules.Len())
		return
	}
	for _, r := range rules {
		p.cur.insert(ch, at, r)
	}
}

func (p *parser) replaceRule(c *call) {
	ch := p.target(c)
	c.ruleNumber()
	rules := p.rules(c, ch)
	switch {
	case ch == nil:
	case c.number == 0:
		p.diags.Errorf(c.name.span, "%s needs the number of a rule", c.name.text)
	case c.number > ch.rules.Len():
		p.diags.Errorf(c.numberAt.span, "chain %s has %d rules", ch.name.text, ch.rules.Len())
	case len(rules) > 1:
		p.diags.Errorf(c.name.span, "a rule is replaced by one rule: several addresses make several")
	case len(rules) == 1:
		p.cur.remove(ch, c.number-1)
		p.cur.insert(ch, c.number-1, rules[0])
	}
}

// deleteRule deletes by number, or the first rule written with the same words.
func (p *parser) deleteRule(c *call) {
	ch := p.target(c)
	if ch == nil {
		return
	}
	c.ruleNumber()
	if c.number == 0 {
		if i := p.findRule(c, ch); i >= 0 {
			p.cur.remove(ch, i)
		}
		return
	}
	if c.number > ch.rules.Len() {
		p.diags.Errorf(c.numberAt.span, "chain %s has %d rules", ch.name.text, ch.rules.Len())
		return
	}
	p.extra(c.rest)
	p.cur.remove(ch, c.number-1)
}

// checkRule fails unless the chain has the rule.
func (p *parser) checkRule(c *call) {
	if ch := p.target(c); ch != nil {
		p.findRule(c, ch)
	}
}

// findRule finds the first rule written with the same words, -1 without one,
// which is a mistake.
func (p *parser) findRule(c *call, ch *chain) int {
	i := ch.rules.find(joinWords(c.rest))
	if i < 0 {
		p.diags.Errorf(c.name.span, "chain %s has no rule written like this", ch.name.text)
	}
	return i
}
