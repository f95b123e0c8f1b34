package compiler

import (
	"nfvm/bytecode"
	"nfvm/lang"
)

// initialElements adds the elements of a declaration.
func (c *compiler) initialElements(t *tableState, s *setState, b *lang.Set) {
	if b.Elements == nil || s.broken {
		return
	}
	r := &rule{compiler: c, table: t, ctx: newProtoCtx(t.Family)}
	if _, isSet := resolve(b.Elements).(*lang.SetLit); !isSet && resolve(b.Elements) != nil {
		r.errorf(b.Elements.At(), "Set %s: Unexpected initial type value, missing { }?", s.Name)
		return
	}
	r.addLiteral(s, b.Elements, false, false)
	s.settle()
}

func (c *compiler) elementCmd(cmd *lang.ElementCmd) {
	t := c.tableOf(cmd.Path)
	if t == nil {
		return
	}
	name := cmd.Path.Name
	s := t.sets[name.Text]
	if s == nil {
		c.noSet(name.Span, t, name.Text)
		return
	}
	if s.broken {
		return
	}
	switch cmd.Verb {
	case lang.VerbAdd, lang.VerbCreate:
		if c.constant(s, cmd.Elements) {
			return
		}
		r := &rule{compiler: c, table: t, ctx: newProtoCtx(t.Family)}
		r.addLiteral(s, cmd.Elements, cmd.Verb == lang.VerbCreate, true)
	case lang.VerbDelete, lang.VerbDestroy:
		c.deleteElements(t, s, []*lang.ElementCmd{cmd})
	case lang.VerbGet:
		c.getElements(t, s, cmd)
	}
}

// literal follows a variable to a set literal; a plain value is a set of one.
func literal(e lang.Expr) *lang.SetLit {
	switch v := resolve(e).(type) {
	case nil:
		return nil
	case *lang.SetLit:
		return v
	default:
		return &lang.SetLit{Pos: lang.Pos{Span: e.At()}, Elems: []lang.Elem{{Pos: lang.Pos{Span: e.At()}, Key: v}}}
	}
}

// spends tells whether an expression may be taken apart: a variable's value may
// be asked for again.
func (c *compiler) spends(e lang.Expr) bool {
	_, written := e.(*lang.SetLit)
	return written && c.opt.Consume
}

// constant refuses new elements for a constant set that a rule uses.
func (c *compiler) constant(s *setState, elements lang.Expr) bool {
	if !s.is(bytecode.SetConstant) || s.uses == 0 {
		return false
	}
	declaredAt(c.refuse(elements.At(), ebusy, "%s %s is constant and in use", s.kind(), s.Name), s.at)
	return true
}

// settle fixes the size of a constant set to its first elements.
func (s *setState) settle() {
	if s.is(bytecode.SetConstant) && !s.sized && !s.boxes() && s.rows.len() > 0 {
		s.sized, s.Size = true, uint32(s.rows.len())
	}
}

// addRun adds the elements of several commands at once.
func (c *compiler) addRun(t *tableState, s *setState, run []*lang.ElementCmd) {
	if c.constant(s, run[0].Elements) {
		return
	}
	r := &rule{compiler: c, table: t, ctx: newProtoCtx(t.Family)}
	var out [][]bytecode.Element
	from := s.all().len()
	ends := []int{from} // of the elements of each command
	for _, cmd := range run {
		lit := literal(cmd.Elements)
		if lit == nil {
			continue
		}
		at, ok := r.fill(s, lit, r.spends(cmd.Elements))
		switch {
		case !ok:
		case s.interval():
			ends = append(ends, s.rows.len())
		default:
			out = append(out, r.addPlain(s, at, false))
		}
	}
	if s.interval() {
		if !r.addIntervals(s, from) {
			return
		}
		if s.merges() {
			ends = []int{from, s.rows.len()}
		}
		for i, end := range ends[1:] {
			out = append(out, r.repeated(s, ends[i], end, false))
		}
	}
	r.listRun(s, out)
}

// listRun lists the elements of a run of commands: nft sends those of the first
// command first, then the others from the last to the second.
func (r *rule) listRun(s *setState, out [][]bytecode.Element) {
	if len(out) == 0 {
		return
	}
	r.listElements(s.table, s, out[0])
	for i := len(out) - 1; i > 0; i-- {
		r.listElements(s.table, s, out[i])
	}
}

// addLiteral adds elements to a set; listed tells that they are a command of
// their own.
func (r *rule) addLiteral(s *setState, e lang.Expr, create, listed bool) {
	lit := literal(e)
	if lit == nil {
		return
	}
	from, ok := r.fill(s, lit, r.spends(e))
	if !ok {
		return
	}
	if !s.interval() {
		out := r.addPlain(s, from, create)
		if listed || s.listed < 0 || len(r.listing[s.listed].elems) > 0 {
			r.listElements(s.table, s, out)
		} else {
			r.listing[s.listed].elems = out
		}
		return
	}
	if create && r.created(s, from) {
		s.rows.truncate(from)
		return
	}
	if r.addIntervals(s, from) && listed {
		r.listElements(s.table, s, r.repeated(s, from, s.rows.len(), false))
	}
}

// created reports the first new element that create finds in a set already.
func (r *rule) created(s *setState, from int) bool {
	t := s.rows
	f := newFinder(r, &setState{Set: s.Set, key: s.key, rows: t.part(0, from)})
	for i := from; i < t.len(); i++ {
		if j := f.findID(t.id(i)); j >= 0 {
			r.refuse(t.at[i], eexist, "the element is already in %s %s", s.kind(), s.Name).Note(t.at[j], "the other element")
			return true
		}
	}
	return false
}

// addIntervals takes the rows from one on into a set whose elements may not
// overlap.
func (r *rule) addIntervals(s *setState, from int) bool {
	t := s.rows
	s.sorted = nil
	sorted := t.sorted()
	if !r.disjoint(s, sorted) {
		s.rows = sorted // further elements may conflict with those that are left
		sorted.truncate(sorted.intervals())
		return false
	}
	if s.sized && uint32(sorted.intervals()) > s.Size {
		r.refuse(t.at[t.len()-1], enfile, "%s %s holds at most %d elements", s.kind(), s.Name, s.Size).Note(s.at, "it was declared here")
		t.truncate(from)
		return false
	}
	s.sorted = sorted
	if r.opt.Consume && !s.merges() { // nothing is listed as it was written
		s.rows = sorted
	}
	return true
}

// repeated writes added intervals as nft lists them: those written twice are
// sent twice.
func (r *rule) repeated(s *setState, from, to int, lead bool) []bytecode.Element {
	t := s.all().part(from, to).sorted()
	if s.merges() {
		t.merge()
	}
	return r.segments(s, t, lead)
}

// addPlain takes the rows from one on into a set of single keys, or of
// concatenations with ranges, and gives the elements as they are listed.
func (r *rule) addPlain(s *setState, from int, create bool) []bytecode.Element {
	t := s.rows
	var out []bytecode.Element
	if r.opt.Consume {
		for i := from; i < t.len(); i++ {
			r.pos.meet(t.at[i])
		}
	} else {
		out = r.plain(s, t.part(from, t.len()), 0)
	}
	keys, n := s.keyIndex(from), from
	for i := from; i < t.len(); i++ {
		if j := keys.add(t.id(i), n, t.id); j >= 0 {
			switch {
			case create:
				r.refuse(t.at[i], eexist, "the element is already in %s %s", s.kind(), s.Name).Note(t.at[j], "the other element")
			case !t.sameData(i, j):
				r.refuse(t.at[i], eexist, "the key has another value already").Note(t.at[j], "the other element")
			default:
				s.forget(s.table, i)
			}
			continue
		}
		if s.sized && uint32(n) >= s.Size {
			r.refuse(t.at[i], enfile, "%s %s holds at most %d elements", s.kind(), s.Name, s.Size).Note(s.at, "it was declared here")
			t.truncate(n)
			s.keys = nil
			return nil
		}
		t.move(i, n)
		n++
	}
	t.truncate(n)
	return out
}

// finish writes the elements that the transaction leaves. Where the program
// is only to be encoded, those of a large set are made as they are written.
func (s *setState) finish(c *compiler) {
	if s.anonymousSet() || s.broken {
		return
	}
	r := &rule{compiler: c, table: s.table}
	s.keys = nil
	if c.opt.Consume && s.all().len() >= manyElements && !s.stateful() {
		s.Source = r.source(s)
		return
	}
	s.Elements, _ = r.write(s, s.all())
}
