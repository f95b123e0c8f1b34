package compiler

import (
	"nfvm/bytecode"
	"nfvm/lang"
	"nfvm/nf"
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
	if ch.uses > 0 {
		renameTargets(t, ch.Name, cmd.New.Text)
	}
	ch.Name = cmd.New.Text
	t.chains[ch.Name] = ch
}

// renameTargets changes the target of jumps to a renamed chain.
func renameTargets(t *tableState, from, to string) {
	for _, ch := range t.chainList.all() {
		for r := range ch.rules.all() {
			for i := range r.jumps {
				if r.jumps[i].chain == from {
					r.jumps[i].chain = to
				}
			}
			for _, e := range r.Exprs {
				if im, ok := e.(*bytecode.Immediate); ok && im.Chain == from && im.DReg == bytecode.RegVerdict {
					im.Chain = to
				}
			}
		}
	}
	for _, s := range t.setList.all() {
		for v := range s.rows.verdicts() {
			if v.chain == from && (v.verdict == nf.Jump || v.verdict == nf.Goto) {
				v.chain = to
			}
		}
		for i := range s.Elements {
			if s.Elements[i].Chain == from {
				s.Elements[i].Chain = to
			}
		}
	}
}
