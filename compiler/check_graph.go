package compiler

import "nfvm/nf"

// maxDepth is how deep chains may call each other (NFT_JUMP_STACK_SIZE).
const maxDepth = 16

// A walk checks, from each base chain, what the kernel checks when the
// transaction commits: jumps go at most 15 deep and do not loop, and every
// statement that can be reached may stand at that hook.
type walk struct {
	c     *compiler
	table *tableState
	base  *chainState
	first jumpTo // the call in the base chain that is followed
	// level is the deepest level at which a chain was walked, so that each is
	// walked at most maxDepth times; open are the chains on the way to it.
	level   map[*chainState]int
	open    map[*chainState]bool
	called  map[*chainState]calls
	targets map[*setState][]jumpTo
	passed  map[*setState]int // deepest level at which the targets of a map were walked
	bad     map[span]bool
	deep    map[*chainState]bool // base chains whose calls go too deep
	reached map[hookType]*reach
}

// A hookType is what says where statements may stand.
type hookType struct {
	hook nf.Hook
	typ  nf.ChainType
}

// A reach is what has been found from base chains of one hook and type.
type reach struct {
	chains map[*chainState]bool
	maps   map[*setState]bool
}

// calls are the chains that the rules of a chain call, each once with the place
// of its first call, and the verdict maps that call others.
type calls struct {
	jumps []jumpTo
	maps  []*setState
}

// checkAll checks all tables.
func (c *compiler) checkAll() {
	for _, t := range c.st.order.all() {
		c.checkAllBoxes(t)
		w := &walk{c: c, table: t, level: map[*chainState]int{}, open: map[*chainState]bool{},
			called: map[*chainState]calls{}, targets: map[*setState][]jumpTo{}, passed: map[*setState]int{},
			bad: map[span]bool{}, deep: map[*chainState]bool{}, reached: map[hookType]*reach{}}
		for _, ch := range t.chainList.all() {
			if ch.Base == nil {
				continue
			}
			w.base = ch
			key := hookType{ch.Base.Hook, ch.Base.Type}
			if w.reached[key] == nil {
				w.reached[key] = &reach{map[*chainState]bool{}, map[*setState]bool{}}
			}
			w.places(ch, w.reached[key])
			w.depth(ch, 0)
		}
	}
}

// calls lists what a chain calls.
func (w *walk) calls(ch *chainState) calls {
	out, ok := w.called[ch]
	if ok {
		return out
	}
	chains, maps := map[*chainState]bool{}, map[*setState]bool{}
	for r := range ch.rules.All() {
		out.jumps = addCalls(out.jumps, chains, r.jumps...)
		for _, s := range r.sets {
			if s.DataType == dataTypeVerdict && !maps[s] {
				maps[s] = true
				out.maps = append(out.maps, s)
			}
		}
	}
	w.called[ch] = out
	return out
}

// targetsOf lists the chains that the elements of a verdict map call.
func (w *walk) targetsOf(s *setState) []jumpTo {
	out, ok := w.targets[s]
	if ok {
		return out
	}
	seen := map[*chainState]bool{}
	for v := range s.rows.verdicts() {
		if v.to != nil {
			out = addCalls(out, seen, jumpTo{v.to, v.toAt})
		}
	}
	w.targets[s] = out
	return out
}

// addCalls adds calls of chains that have not been seen.
func addCalls(out []jumpTo, seen map[*chainState]bool, jumps ...jumpTo) []jumpTo {
	for _, j := range jumps {
		if !seen[j.to] {
			seen[j.to] = true
			out = append(out, j)
		}
	}
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
	out := w.calls(ch)
	for _, j := range out.jumps {
		w.call(j, level)
	}
	for _, s := range out.maps {
		if seen, ok := w.passed[s]; ok && level <= seen {
			continue
		}
		w.passed[s] = level
		for _, j := range w.targetsOf(s) {
			w.call(j, level)
		}
	}
	w.open[ch] = false
}

// call follows a call from a chain at a level.
func (w *walk) call(j jumpTo, level int) {
	if level == 0 {
		w.first = j
	}
	switch {
	case w.open[j.to]:
		w.report(j, "chain %s calls itself, directly or through others", j.to.Name)
	case level+1 >= maxDepth:
		if !w.deep[w.base] { // one is enough: all calls at that depth would follow
			w.deep[w.base] = true
			w.tooDeep(j, "chains call each other more than %d levels deep from base chain %s", maxDepth-1, w.base.Name)
		}
	default:
		w.depth(j.to, level+1)
	}
}

// tooDeep reports calls that go too deep where they start, in the base chain, as
// the kernel does; a note tells the call that is one too many.
func (w *walk) tooDeep(j jumpTo, why string, args ...any) {
	if w.bad[w.first.at] {
		return
	}
	w.bad[w.first.at] = true
	w.c.refuse(w.first.at, emlink, why, args...).Note(j.at, "this call, of chain %s, is one too many", j.to.Name)
}

func (w *walk) report(j jumpTo, why string, args ...any) {
	if w.bad[j.at] {
		return
	}
	w.bad[j.at] = true
	w.c.refuse(j.at, emlink, why, args...)
}

// places checks the statements that can be reached from the base chain; seen is
// what was reached before from chains of its hook and type.
func (w *walk) places(ch *chainState, seen *reach) {
	if seen.chains[ch] {
		return
	}
	seen.chains[ch] = true
	for r := range ch.rules.All() {
		for _, p := range r.places {
			if base := w.base.Base; !p.where.Has(base.Type, base.Hook) && !w.bad[p.at] {
				w.bad[p.at] = true
				w.c.misplaced(p, w.base)
			}
		}
	}
	out := w.calls(ch)
	for _, j := range out.jumps {
		w.places(j.to, seen)
	}
	for _, s := range out.maps {
		if seen.maps[s] {
			continue
		}
		seen.maps[s] = true
		for _, j := range w.targetsOf(s) {
			w.places(j.to, seen)
		}
	}
}
