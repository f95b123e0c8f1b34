package compiler

import (
	"maps"

	"nfvm/bytecode"
	"nfvm/lang"
)

// The commands that ask about a ruleset or act on one that runs. A rule file may
// ask, as for nft: the names are checked, and the answer is left to `nftc list`.

func (c *compiler) listCmd(cmd *lang.ListCmd) {
	if cmd.Verb == lang.VerbReset {
		c.noReset(cmd.Span, cmd.What)
		return
	}
	if c.listedExists(cmd) {
		c.unanswered(cmd.Span, "list "+cmd.What, "nftc list")
	}
}

func (c *compiler) noReset(at span, what string) {
	c.errorf(at, "reset %s acts on a running ruleset; it is not supported in a rule file", what)
}

// listedExists checks the names of a list command.
func (c *compiler) listedExists(cmd *lang.ListCmd) bool {
	if !cmd.Path.Table.Set() {
		return true
	}
	t := c.tableOf(cmd.Path)
	if t == nil || !cmd.Path.Name.Set() {
		return t != nil
	}
	at, name := cmd.Path.Name.Span, cmd.Path.Name.Text
	typ, object := objectKinds[cmd.What]
	switch {
	case object && t.objects[objectKey{typ, name}] == nil:
		c.noObject(at, t, typ, name)
	case (cmd.What == "chain" || cmd.What == "rules") && t.chains[name] == nil:
		c.noChain(at, t, name)
	case (cmd.What == "set" || cmd.What == "map" || cmd.What == "meter") && t.set(name) == nil:
		c.noSet(at, t, name)
	case cmd.What == "flowtable" && t.flowtables[name] == nil:
		c.missing(at, t, "flowtable", name, maps.Keys(t.flowtables))
	default:
		return true
	}
	return false
}

// otherCmd takes describe, and refuses what is about a running ruleset.
func (c *compiler) otherCmd(cmd *lang.OtherCmd) {
	if cmd.Name == "describe" {
		c.unanswered(cmd.Span, cmd.Name, "nftc describe")
		return
	}
	c.errorf(cmd.Span, "%s is not supported in a rule file", cmd.Name)
}

func (c *compiler) unanswered(at span, command, instead string) {
	c.diags.Warnf(at, "%s prints nothing when a file is compiled; see %s", command, instead)
}

// noObject reports a stateful object that a table does not have.
func (c *compiler) noObject(at span, t *tableState, kind bytecode.ObjectType, name string) {
	c.missing(at, t, kind.String(), name, func(yield func(string) bool) {
		for k := range t.objects {
			if k.kind == kind && !yield(k.name) {
				return
			}
		}
	})
}

// getElements checks that the elements that a command asks for are there.
func (c *compiler) getElements(t *tableState, s *setState, cmd *lang.ElementCmd) {
	lit := literal(cmd.Elements)
	if lit == nil {
		return
	}
	r := &rule{compiler: c, table: t, ctx: newProtoCtx(t.Family)}
	for e := range lit.All() {
		if _, any := e.Key.(*lang.Wildcard); any {
			continue
		}
		if key := r.elementKey(e.Key, s.key); key != nil && !r.holds(s, key) {
			c.refuse(e.Key.At(), enoent, "%s %s has no such element", s.kind(), s.Name)
		}
	}
	c.unanswered(cmd.Span, "get element", "nftc list")
}

// holds reports whether an element of the set is, or contains, a key.
func (r *rule) holds(s *setState, key expr) bool {
	if !s.interval() {
		return r.find(s, key) >= 0
	}
	id := r.appendKeys(nil, s, key)
	width := s.all().width
	return r.intervals(s).holding(id[:width], id[width:]) >= 0
}
