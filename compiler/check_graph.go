package compiler

import (
	"nfvm/bytecode"
	"nfvm/nf"
)

// maxDepth is how deep chains may call each other (NFT_JUMP_STACK_SIZE).
const maxDepth = 16

// A walk checks, from each base chain, what the kernel checks when the
// transaction commits: jumps go at most 15 deep and do not loop, and every
// statement that can be reached may stand at that hook.
type walk struct {
	c     *compiler
	table *tableState
	base  *chainState
	// level is the deepest level at which a chain was walked, so that each is
	// walked at most maxDepth times; open are the chains on the way to it.
	level   map[*chainState]int
	open    map[*chainState]bool
	called  map[*chainState][]jumpTo
	bad     map[span]bool
	reached map[*chainState]bool
}

// checkAll checks all tables.
func (c *compiler) checkAll() {
	for _, t := range c.st.order {
		w := &walk{c: c, table: t, level: map[*chainState]int{}, open: map[*chainState]bool{},
			called: map[*chainState][]jumpTo{}, bad: map[span]bool{}}
		for _, ch := range t.chainList {
			if ch.Base == nil {
				continue
			}
			w.base, w.reached = ch, map[*chainState]bool{}
			w.places(ch)
			w.depth(ch, 0)
		}
	}
}

// calls lists the chains that a chain can call, each once, with the place of
// its first call.
func (w *walk) calls(ch *chainState) []jumpTo {
	if out, ok := w.called[ch]; ok {
		return out
	}
	var out []jumpTo
	seen := map[string]bool{}
	add := func(j jumpTo) {
		if !seen[j.chain] {
			seen[j.chain] = true
			out = append(out, j)
		}
	}
	for _, r := range ch.rules {
		for _, j := range r.jumps {
			add(j)
		}
		for _, s := range r.sets {
			if s.DataType != dataTypeVerdict {
				continue
			}
			for v := range s.rows.verdicts() {
				if v.chain != "" {
					add(jumpTo{v.chain, v.chainAt})
				}
			}
		}
	}
	w.called[ch] = out
	return out
}

// depth walks the chains below ch and reports calls that loop or go too deep
// from a base chain.
func (w *walk) depth(ch *chainState, level int) {
	if seen, ok := w.level[ch]; ok && level <= seen {
		return
	}
	w.level[ch] = level
	w.open[ch] = true
	for _, j := range w.calls(ch) {
		to := w.table.chains[j.chain]
		switch {
		case to == nil:
		case w.open[to]:
			w.report(j, "chain %s calls itself, directly or through others", to.Name)
		case level+1 >= maxDepth:
			w.report(j, "chains call each other more than %d levels deep from base chain %s", maxDepth-1, w.base.Name)
		default:
			w.depth(to, level+1)
		}
	}
	w.open[ch] = false
}

func (w *walk) report(j jumpTo, why string, args ...any) {
	if w.bad[j.at] {
		return
	}
	w.bad[j.at] = true
	w.c.refuse(j.at, emlink, why, args...)
}

// places checks the statements that can be reached from the base chain.
func (w *walk) places(ch *chainState) {
	if w.reached[ch] {
		return
	}
	w.reached[ch] = true
	for _, r := range ch.rules {
		for _, p := range r.places {
			if base := w.base.Base; !p.where.Has(base.Type, base.Hook) && !w.bad[p.at] {
				w.bad[p.at] = true
				w.c.misplaced(p, w.base)
			}
		}
	}
	for _, j := range w.calls(ch) {
		if to := w.table.chains[j.chain]; to != nil {
			w.places(to)
		}
	}
}

// renameTargets changes the target of jumps to a renamed chain.
func renameTargets(t *tableState, from, to string) {
	for _, ch := range t.chainList {
		for _, r := range ch.rules {
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
	for _, s := range t.setList {
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
