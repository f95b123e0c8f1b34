package compiler

import (
	"nfvm/bytecode"
	"nfvm/lang"
)

func (c *compiler) renameCmd(cmd *lang.RenameCmd) {
	t := c.tableOf(cmd.Path)
	if t == nil {
		return
	}
	ch := t.chains[cmd.Path.Name.Text]
	if ch == nil {
		c.noChain(cmd.Path.Name.Span, t, cmd.Path.Name.Text)
		return
	}
	if t.chains[cmd.New.Text] != nil {
		c.refuse(cmd.New.Span, eexist, "chain %s exists", cmd.New.Text)
		return
	}
	delete(t.chains, ch.Name)
	ch.Name = cmd.New.Text
	t.chains[ch.Name] = ch
	t.renamed = t.renamed || ch.uses > 0
}

// renameTargets writes the last names of chains where rules and anonymous maps
// have those of their time. The elements of other maps are not written yet.
func (c *compiler) renameTargets(t *tableState) {
	if !t.renamed {
		return
	}
	for _, ch := range t.chainList.all() {
		for r := range ch.rules.All() {
			r.renameJumps()
		}
	}
	for _, s := range t.setList.all() {
		if s.anonymousSet() && s.DataType == dataTypeVerdict {
			r := &rule{compiler: c, table: t}
			if s.Elements, _ = r.write(s, s.rows); !s.interval() {
				s.Elements, _ = r.unique(s.rows, s.Elements)
			}
		}
	}
}

// renameJumps names the targets of a rule's jumps, which are in their order.
func (r *ruleState) renameJumps() {
	n := 0
	for _, e := range r.Exprs {
		if im, ok := e.(*bytecode.Immediate); ok && im.DReg == bytecode.RegVerdict && im.Chain != "" {
			im.Chain = r.jumps[n].to.Name
			n++
		}
	}
}
