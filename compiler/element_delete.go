package compiler

import (
	"nfvm/bytecode"
	"nfvm/lang"
)

// deleteElements deletes the elements of a run of commands.
func (c *compiler) deleteElements(t *tableState, s *setState, run []*lang.ElementCmd) {
	r := &rule{compiler: c, table: t, ctx: newProtoCtx(t.Family)}
	c.checkBoxes(s)
	if s.cuts() {
		r.cut(s, run)
	} else {
		for _, cmd := range run {
			if lit := literal(cmd.Elements); lit != nil {
				r.deleteLiteral(s, lit, cmd.Verb)
			}
		}
	}
	s.tidy()
}

// deleteLiteral takes the elements of one command out.
func (r *rule) deleteLiteral(s *setState, lit *lang.SetLit, verb lang.Verb) {
	keys := *s.Set
	keys.Flags &^= bytecode.SetMap | bytecode.SetObject
	named := &setState{Set: &keys, key: s.key}
	sent := named.newRows()
	for e := range lit.All() {
		var key expr
		if _, any := e.Key.(*lang.Wildcard); !any {
			if key = r.elementKey(e.Key, s.key); key == nil {
				continue
			}
		}
		j := r.find(s, key)
		if j < 0 {
			if gone(verb) {
				r.refuse(e.Key.At(), enoent, "element does not exist")
			}
			continue
		}
		r.addRow(s, sent, &elem{key: key, at: e.Key.At()})
		s.forget(r.table, j)
		s.take(j)
	}
	if !s.interval() && sent.len() > 0 {
		r.listElements(r.table, named, r.plain(named, sent, 0))
	}
}
