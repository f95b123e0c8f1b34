package compiler

import (
	"nfvm/datatype"
	"nfvm/lang"
)

// cuts reports whether parts of elements can be taken out of a set: of those
// that merge, but not of text, where a wildcard has no parts.
func (s *setState) cuts() bool { return s.merges() && (s.key.typ == nil || !s.key.typ.IsString()) }

// A hole is a span of numbers, both ends inclusive, that command cmd of a run deletes.
type hole struct {
	lo, hi num
	cmd    int
}

// cut deletes the elements of a run of commands from a set whose elements
// merge. Each may be a part of what some of them cover together; what is left of
// those that it meets stays.
func (r *rule) cut(s *setState, run []*lang.ElementCmd) {
	named, cmds := s.newRows(), []int(nil)
	for i, cmd := range run {
		lit := literal(cmd.Elements)
		if lit == nil {
			continue
		}
		for e := range lit.All() {
			if _, any := e.Key.(*lang.Wildcard); any {
				r.takeCatchAll(s, cmd, e.Key)
			} else if key := r.elementKey(e.Key, s.key); key != nil {
				r.addRow(s, named, &elem{key: key, at: e.Key.At()})
				cmds = append(cmds, i)
			}
		}
	}
	for _, h := range r.holes(s, run, named, cmds) {
		s.order.cut(h.lo, h.hi)
	}
}

// takeCatchAll deletes the catch-all.
func (r *rule) takeCatchAll(s *setState, cmd *lang.ElementCmd, key lang.Expr) {
	switch i := r.find(s, nil); {
	case i >= 0:
		s.take(i)
	case gone(cmd.Verb):
		r.refuse(key.At(), enoent, "element does not exist")
	}
}

// holes gives what the rows of named take out, in ascending order and apart from
// one another. What the set does not cover, or an earlier command has taken, is
// reported.
func (r *rule) holes(s *setState, run []*lang.ElementCmd, named *rows, cmds []int) []hole {
	have := r.intervals(s)
	wanted, _ := named.starts(0)
	var out []hole
	for _, w := range wanted {
		lo, hi := named.bounds(int(w.n))
		covered := have.holding(lo.bytes(named.width, datatype.BigEndian), hi.bytes(named.width, datatype.BigEndian)) >= 0
		h := hole{lo, hi, cmds[w.n]}
		n := len(out)
		again := n > 0 && lo.cmp(out[n-1].hi) <= 0
		switch {
		case !covered || again && out[n-1].cmd != h.cmd:
			if gone(run[h.cmd].Verb) {
				r.refuse(named.at[w.n], enoent, "element does not exist")
			}
		case again:
			if out[n-1].hi.cmp(hi) < 0 {
				out[n-1].hi = hi
			}
		default:
			out = append(out, h)
		}
	}
	return out
}
