package lang

import (
	"maps"
	"slices"
)

// listShape says what follows the kind in a list or reset command.
type listShape uint8

const (
	listFamily listShape = iota // [family]
	listAny                     // [family] or [table] [family] table
	listTable                   // [family] table
	listName                    // [family] table name
	listHooks                   // [family] [device name]
	listRules                   // [family], table, or chain
)

var listShapes = map[string]listShape{
	"ruleset": listFamily, "tables": listFamily, "chains": listFamily, "meters": listFamily,
	"sets": listAny, "maps": listAny, "counters": listAny, "quotas": listAny, "limits": listAny,
	"secmarks": listAny, "synproxys": listAny, "flowtables": listAny,
	"table": listTable, "chain": listName, "set": listName, "map": listName, "counter": listName,
	"quota": listName, "limit": listName, "secmark": listName, "synproxy": listName,
	"flowtable": listName, "meter": listName, "hooks": listHooks, "rules": listRules,
	"ct helper": listName, "ct timeout": listName, "ct expectation": listName, "ct helpers": listTable,
	"flow tables": listFamily, "flow table": listName,
}

// resetKinds are the kinds that reset takes.
var resetKinds = wordSet("counters counter quotas quota rules rule element set map")

// listCommand parses `list …` and `reset …`.
func (p *parser) listCommand(from int, v Verb) Command {
	what := p.word()
	if v == VerbReset {
		switch {
		case !resetKinds[what]:
			p.fail(wordsOf(resetKinds)...)
		case what == "rule":
			p.next()
			return p.ruleCommand(from, v)
		case what == "element":
			return p.verbCommand(from, v)
		}
	}
	switch w := p.wordAt(1); {
	case what == "ct" && (w == "helper" || w == "helpers" || w == "timeout" || w == "expectation"),
		what == "flow" && (w == "table" || w == "tables"):
		what += " " + w
		p.next()
	}
	shape, ok := listShapes[what]
	if what == "ct" {
		p.next()
		p.fail("helper", "helpers", "timeout", "expectation")
	}
	if !ok {
		p.fail(wordsOf(listShapes)...)
	}
	p.next()
	c := &ListCmd{Verb: v, What: what}
	p.listPath(c, shape)
	c.Span = p.since(from)
	return c
}

// wordsOf are the words of a table, in the order of the alphabet.
func wordsOf[V any](table map[string]V) []string { return slices.Sorted(maps.Keys(table)) }

// listPath parses what the kind asks for.
func (p *parser) listPath(c *ListCmd, shape listShape) {
	if shape == listName && len(c.What) > 2 && c.What[:3] == "ct " && p.word() == "table" {
		shape = listTable // list ct timeout table ip t
	}
	switch shape {
	case listName:
		c.Path = p.namePath()
		return
	case listTable:
		p.acceptWord("table")
		c.Path = p.tablePath()
		return
	case listAny:
		p.acceptWord("table")
	case listRules:
		if !p.acceptWord("table") {
			p.acceptWord("chain")
		}
	}
	c.Path.Family = p.family()
	if shape == listHooks && p.acceptWord("device") {
		c.Path.Name = p.stringWord()
	}
	if shape == listAny || shape == listRules {
		if !p.atEnd() {
			c.Path.Table = p.identifier()
		}
		if shape == listRules && !p.atEnd() {
			c.Path.Name = p.identifier()
		}
	}
}

// otherCommand parses the commands that mean nothing in a rule file.
func (p *parser) otherCommand(from int, name string) Command {
	c := &OtherCmd{Name: name}
	if name == "describe" {
		c.Expr = primaryLHS(p)
	} else {
		for !p.atEnd() {
			c.Args = append(c.Args, p.anyWord())
		}
	}
	c.Span = p.since(from)
	return c
}
