package compiler

import (
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/nf"
)

// command runs one command over the state.
func (c *compiler) command(cmd lang.Command) {
	switch cmd := cmd.(type) {
	case *lang.TableCmd:
		c.tableCmd(cmd)
	case *lang.ChainCmd:
		c.chainCmd(cmd)
	case *lang.RuleCmd:
		if cmd.Verb == lang.VerbReset {
			c.noReset(cmd.Span, "rule")
			return
		}
		c.ruleCmd(cmd)
	case *lang.SetCmd:
		c.setCmd(cmd)
	case *lang.ElementCmd:
		if cmd.Verb == lang.VerbReset {
			c.noReset(cmd.Span, "element")
			return
		}
		c.elementCmd(cmd)
	case *lang.ObjectCmd:
		c.objectCmd(cmd)
	case *lang.FlowtableCmd:
		c.flowtableCmd(cmd)
	case *lang.FlushCmd:
		c.flushCmd(cmd)
	case *lang.RenameCmd:
		c.renameCmd(cmd)
	case *lang.ListCmd:
		c.listCmd(cmd)
	case *lang.OtherCmd:
		c.otherCmd(cmd)
	}
}

// family reads the family of a path.
func (c *compiler) family(p lang.Path) nf.Family {
	f, ok := nf.ParseFamily(p.FamilyName())
	if !ok {
		c.errorf(p.Family.Span, "unknown family %s", p.Family.Text)
		return nf.FamilyUnspec
	}
	return f
}

// tableOf finds the table of a path and reports it if missing.
func (c *compiler) tableOf(p lang.Path) *tableState {
	f := c.family(p)
	if f == nf.FamilyUnspec {
		return nil
	}
	if t := c.st.table(f, p.Table.Text); t != nil {
		return t
	}
	c.noTable(p.Table.Span, f, p.Table.Text)
	return nil
}

func (c *compiler) tableCmd(cmd *lang.TableCmd) {
	f := c.family(cmd.Path)
	if f == nf.FamilyUnspec {
		return
	}
	t := c.st.table(f, cmd.Path.Table.Text)
	if cmd.Path.Handle.Set() && !cmd.Path.Table.Set() {
		if t = c.st.order.find(cmd.Path.Handle.Value); t != nil && t.Family != f {
			t = nil
		}
	}
	switch cmd.Verb {
	case lang.VerbDelete, lang.VerbDestroy:
		if t == nil {
			if cmd.Verb == lang.VerbDelete {
				c.noTable(cmd.Path.Table.Span, f, cmd.Path.Table.Text)
			}
			return
		}
		c.checkAllBoxes(t)
		c.st.deleteTable(t)
		return
	case lang.VerbCreate:
		if t != nil {
			c.refuse(cmd.Path.Table.Span, eexist, "table %s %s exists", f, t.Name).
				Note(t.at, "it was declared here")
			return
		}
	}
	if t == nil {
		if !c.checkName(cmd.Path.Table.Span, cmd.Path.Table.Text) {
			return
		}
		t = c.st.addTable(f, cmd.Path.Table.Text, cmd.Path.Table.Span)
		t.Pos = c.pos.at(cmd.Path.Table.Span)
		if cmd.Body != nil && cmd.Body.Comment.Set() {
			t.Comment = c.comment(cmd.Body.Comment) // an existing table keeps its own
		}
		c.tableFlags(t, cmd.Body)
	} else if !c.sameOwner(t, cmd) {
		return
	}
	c.tableBlock(t, cmd.Body)
}

// tableBlock runs the contents of a table block in nft's order: chains,
// objects, sets and flowtables, then elements, then rules, so that a rule may
// name what is declared below it.
func (c *compiler) tableBlock(t *tableState, b *lang.TableBlock) {
	if b == nil {
		return
	}
	for _, it := range b.Items {
		if ch, ok := it.(*lang.Chain); ok {
			c.declareChain(t, ch, ch.Name, false)
		}
	}
	for _, it := range b.Items {
		if o, ok := it.(*lang.Object); ok {
			c.declareObject(t, o, o.Name, o.Kind, false)
		}
	}
	sets := map[*lang.Set]*setState{}
	for _, it := range b.Items {
		if s, ok := it.(*lang.Set); ok {
			sets[s] = c.declareSet(t, s, s.Name, s.Kind, false)
		}
	}
	for _, it := range b.Items {
		if f, ok := it.(*lang.Flowtable); ok {
			c.declareFlowtable(t, f, f.Name, false)
		}
	}
	for _, it := range b.Items {
		if s, ok := it.(*lang.Set); ok && sets[s] != nil {
			c.initialElements(t, sets[s], s)
		}
	}
	var jobs []ruleJob
	for _, it := range b.Items {
		if ch, ok := it.(*lang.Chain); ok {
			jobs = c.rulesOf(jobs, t, t.chains[ch.Name.Text], ch.Rules)
		}
	}
	c.ruleJobs(jobs)
}

// tableFlags gives a table the flags of a declaration of it: without dormant it
// wakes up.
func (c *compiler) tableFlags(t *tableState, b *lang.TableBlock) {
	t.Dormant, t.Persist, t.owned = false, false, false
	if b == nil {
		return
	}
	for _, f := range b.Flags {
		switch f.Text {
		case "dormant":
			t.Dormant = true
		case "persist":
			t.Persist = true
		case "owner":
			t.owned = true
			c.diags.Warnf(f.Span, "table flag owner binds a table to a running process; it has no effect here")
		default:
			c.errorf(f.Span, "unknown table option %s%s", f.Text,
				orKnown(f.Text, []string{"dormant", "owner", "persist"}))
		}
	}
}

// sameOwner gives an existing table the flags of a new declaration, in which the
// kernel lets only dormant differ.
func (c *compiler) sameOwner(t *tableState, cmd *lang.TableCmd) bool {
	owned, persist := t.owned, t.Persist
	c.tableFlags(t, cmd.Body)
	if t.owned == owned && t.Persist == persist {
		return true
	}
	c.refuse(cmd.Path.Table.Span, eopnotsupp, "the flags owner and persist of table %s %s can't be changed", t.Family, t.Name).
		Note(t.at, "it was declared here")
	return false
}

// maxComment is the longest comment in bytes (nft's NFTNL_UDATA_COMMENT_MAXLEN).
const maxComment = 128

// comment reads a comment and refuses one that is too long.
func (c *compiler) comment(w lang.Word) string {
	if len(w.Text) > maxComment {
		c.errorf(w.Span, "comment too long, %d characters maximum allowed", maxComment)
		return ""
	}
	return w.Text
}

func (c *compiler) flushCmd(cmd *lang.FlushCmd) {
	if cmd.What == "ruleset" {
		f := nf.FamilyUnspec
		if cmd.Path.Family.Text != "" {
			f = c.family(cmd.Path)
		}
		for _, t := range c.st.flush(f) {
			c.checkAllBoxes(t)
		}
		return
	}
	t := c.tableOf(cmd.Path)
	if t == nil {
		return
	}
	switch cmd.What {
	case "table":
		for _, ch := range t.filled {
			ch.flush()
		}
		t.filled = nil
	case "chain":
		if ch := t.chains[cmd.Path.Name.Text]; ch != nil {
			ch.flush()
		} else {
			c.noChain(cmd.Path.Name.Span, t, cmd.Path.Name.Text)
		}
	default:
		if s := t.set(cmd.Path.Name.Text); s != nil && (cmd.What == "meter" || cmd.What == s.kind()) {
			c.checkBoxes(s)
			s.clear(t)
			if s.listed >= 0 {
				c.listing[s.listed].elems = nil // nft does not send what it forgets again
			}
		} else {
			c.noSet(cmd.Path.Name.Span, t, cmd.Path.Name.Text)
		}
	}
}

// gone reports a name that delete did not find.
func gone(verb lang.Verb) bool { return verb == lang.VerbDelete }

// declaredAt is the note that shows the earlier declaration.
func declaredAt(d *diag.Diagnostic, at diag.Span) { d.Note(at, "it was declared here") }
