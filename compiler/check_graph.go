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
	// height is how many levels of chains a chain still calls, -1 while it is
	// being worked out (a loop then).
	height  map[*chainState]int
	bad     map[span]bool
	reached map[*chainState]bool
}

// checkAll checks all tables.
func (c *compiler) checkAll() {
	for _, t := range c.st.order {
		w := &walk{c: c, table: t, height: map[*chainState]int{}, bad: map[span]bool{}}
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

// calls lists the chains that a chain can call, with the place of each call.
func (w *walk) calls(ch *chainState) []jumpTo {
	var out []jumpTo
	for _, r := range ch.rules {
		out = append(out, r.jumps...)
		for _, s := range r.sets {
			if s.DataType != dataTypeVerdict {
				continue
			}
			for i := range s.elems {
				if v, ok := s.elems[i].data.(*verdictVal); ok && v.chain != "" {
					out = append(out, jumpTo{v.chain, v.chainAt})
				}
			}
		}
	}
	return out
}

// depth gives the number of levels below a chain, and reports calls that loop
// or go too deep from a base chain.
func (w *walk) depth(ch *chainState, level int) int {
	if h, ok := w.height[ch]; ok && h >= 0 && level+h < maxDepth {
		return h
	}
	w.height[ch] = -1
	deepest := 0
	for _, j := range w.calls(ch) {
		to := w.table.chains[j.chain]
		if to == nil {
			continue
		}
		if h, ok := w.height[to]; ok && h < 0 {
			w.report(j, "chain %s calls itself, directly or through others", to.Name)
			continue
		}
		if level+1 >= maxDepth {
			w.report(j, "chains call each other more than %d levels deep from base chain %s", maxDepth-1, w.base.Name)
			continue
		}
		deepest = max(deepest, 1+w.depth(to, level+1))
	}
	w.height[ch] = deepest
	return deepest
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
			if !p.need.allows(w.base.Base) && !w.bad[p.at] {
				w.bad[p.at] = true
				w.c.refuse(p.at, eopnotsupp, "%s works in %s, not in %s chains at %s", p.need.what, p.need.where(),
					w.base.Base.Type, w.base.Base.Hook).Note(w.base.at, "")
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
		for i := range s.elems {
			if v, ok := s.elems[i].data.(*verdictVal); ok && v.chain == from && (v.verdict == nf.Jump || v.verdict == nf.Goto) {
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
