package compiler

import (
	"runtime"
	"sync"

	"nfvm/bytecode"
	"nfvm/lang"
)

// fill evaluates a literal into new rows of a named set; nested sets are
// flattened. It gives the first new row. With a mistake in the literal there are
// none. A literal that nothing else refers to is spent.
func (r *rule) fill(s *setState, lit *lang.SetLit, spend bool) (from int, ok bool) {
	t := s.all()
	from, ok = t.len(), true
	parts := lit.Parts()
	most := 0
	for _, p := range parts {
		most += p.Most()
	}
	t.grow(most)
	for len(parts) > 0 {
		n := min(len(parts), runtime.GOMAXPROCS(0))
		done := r.fillAhead(s, parts[:n])
		for i, p := range parts[:n] {
			switch {
			case done != nil && done[i] != nil:
				t.join(done[i])
			case !r.fillPart(s, t, p, spend):
				ok = false
			}
		}
		parts = parts[n:]
	}
	if !ok {
		t.truncate(from)
	}
	return from, ok
}

// fillPart evaluates a part of a literal into rows.
func (r *rule) fillPart(s *setState, t *rows, p lang.Part, spend bool) (ok bool) {
	ok = true
	addresses := s.ofAddresses()
	for e := range p.All() {
		if addresses && t.addAddress(s, e) {
			if spend {
				*e = lang.Elem{}
			}
			continue
		}
		if sub, isSet := resolve(e.Key).(*lang.SetLit); isSet && e.Value == nil && e.Opts == nil {
			for _, q := range sub.Parts() {
				ok = r.fillPart(s, t, q, false) && ok
			}
			continue
		}
		el, good := r.element(e, s)
		if !good {
			ok = false
			continue
		}
		r.addRow(s, t, &el)
		if spend {
			*e = lang.Elem{}
		}
	}
	return ok
}

// fillAhead evaluates runs at the same time, each into rows of its own. It gives
// nil for other parts, and for those with mistakes, which are to be reported in
// order. Chains and objects count who refers to them, so that the maps that do
// are left alone.
func (r *rule) fillAhead(s *setState, parts []lang.Part) []*rows {
	if len(parts) < 2 || s.is(bytecode.SetObject) || s.DataType == dataTypeVerdict {
		return nil
	}
	done := make([]*rows, len(parts))
	var all sync.WaitGroup
	for i, p := range parts {
		if p.Run == nil {
			continue
		}
		all.Go(func() {
			w := &rule{compiler: r.worker(), table: r.table, ctx: r.ctx}
			t := s.newRows()
			t.grow(p.Most())
			if w.fillPart(s, t, p, false) && !w.left && len(w.diags.Items) == 0 {
				done[i] = t
			}
		})
	}
	all.Wait()
	return done
}
