package compiler

import (
	"sort"

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
func (r *rule) cut(s *setState, run []*lang.ElementCmd, f *finder) {
	named, cmds := s.newRows(), []int(nil)
	for i, cmd := range run {
		lit := literal(cmd.Elements)
		if lit == nil {
			continue
		}
		for e := range lit.All() {
			if _, any := e.Key.(*lang.Wildcard); any {
				r.takeCatchAll(cmd, e.Key, f)
			} else if key := r.elementKey(e.Key, s.key); key != nil {
				r.addRow(s, named, &elem{key: key, at: e.Key.At()})
				cmds = append(cmds, i)
			}
		}
	}
	holes := r.holes(s, run, named, cmds)
	for i := range s.rows.len() {
		if !s.rows.catchAll(i) {
			f.taken[i] = s.rows.pieces(i, holes)
		}
	}
}

// takeCatchAll deletes the catch-all.
func (r *rule) takeCatchAll(cmd *lang.ElementCmd, key lang.Expr, f *finder) {
	switch i := f.find(nil); {
	case i >= 0:
		f.taken[i] = true
	case gone(cmd.Verb):
		r.refuse(key.At(), enoent, "element does not exist")
	}
}

// holes gives what the rows of named take out, in ascending order and apart from
// one another. What the set does not cover, or an earlier command has taken, is
// reported.
func (r *rule) holes(s *setState, run []*lang.ElementCmd, named *rows, cmds []int) []hole {
	have := s.rows.sorted()
	have.merge()
	most := have.intervals()
	wanted, _ := named.starts()
	var out []hole
	for _, w := range wanted {
		lo, hi := named.bounds(int(w.n))
		i := sort.Search(most, func(i int) bool { _, end := have.bounds(i); return lo.cmp(end) <= 0 })
		covered := false
		if i < most {
			first, end := have.bounds(i)
			covered = first.cmp(lo) <= 0 && hi.cmp(end) <= 0
		}
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

// pieces adds rows for what holes leave of row i; false if none of them is in it.
func (t *rows) pieces(i int, holes []hole) bool {
	lo, hi := t.bounds(i)
	j := sort.Search(len(holes), func(j int) bool { return lo.cmp(holes[j].hi) <= 0 })
	if j == len(holes) || hi.cmp(holes[j].lo) < 0 {
		return false
	}
	for ; j < len(holes) && holes[j].lo.cmp(hi) <= 0; j++ {
		if lo.cmp(holes[j].lo) < 0 {
			t.addPiece(i, lo, holes[j].lo.sub(n64(1)))
		}
		if hi.cmp(holes[j].hi) <= 0 {
			return true
		}
		lo = holes[j].hi.add(n64(1))
	}
	t.addPiece(i, lo, hi)
	return true
}

// addPiece adds a row for a part of row i, with the options of that.
func (t *rows) addPiece(i int, lo, hi num) {
	t.bytes = appendNum(appendNum(t.bytes, lo, t.width), hi, t.width)
	t.at = append(t.at, t.at[i])
	if x := t.other(i); x != nil {
		t.addExtra(x)
	}
}
