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
	s := t.set(name.Text)
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
	if s.is(bytecode.SetConstant) && !s.sized && !s.boxes() && s.rows.live() > 0 {
		s.sized, s.Size = true, uint32(s.rows.live())
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
		if s.merges() {
			ends = []int{from, s.rows.len()}
		}
		for i, end := range ends[1:] {
			out = append(out, r.sent(s, ends[i], end))
		}
		if !r.addIntervals(s, from) {
			return
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
	if create && !s.merges() && r.created(s, from) { // nft merges them before the kernel is asked
		s.rows.truncate(from)
		return
	}
	var out []bytecode.Element
	if listed {
		out = r.sent(s, from, s.rows.len())
	}
	if r.addIntervals(s, from) {
		r.listElements(s.table, s, out)
	}
}

// created reports the first new element that create finds in a set already.
func (r *rule) created(s *setState, from int) bool {
	t, o := s.rows, r.intervals(s)
	for i := from; i < t.len(); i++ {
		if j := o.find(t.id(i)); j >= 0 {
			r.refuse(t.at[i], eexist, "the element is already in %s %s", s.kind(), s.Name).Note(t.at[j], "the other element")
			return true
		}
	}
	return false
}

// sent writes new intervals as nft lists them: those written twice are sent
// twice.
func (r *rule) sent(s *setState, from, to int) []bytecode.Element {
	for _, at := range s.all().at[from:to] {
		r.pos.meet(at)
	}
	if r.opt.Consume {
		return nil
	}
	return r.repeated(s, s.rows.part(from, to).sorted(), false)
}

// repeated writes sorted intervals of a set, with those written twice.
func (r *rule) repeated(s *setState, t *rows, lead bool) []bytecode.Element {
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
		j, full := -1, s.sized && uint32(n-t.gone) >= s.Size
		if full {
			j = keys.find(t.id(i), t)
		} else {
			j = keys.add(t.id(i), n, t)
		}
		if j >= 0 {
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
		if full {
			r.refuse(t.at[i], enfile, "%s %s holds at most %d elements", s.kind(), s.Name, s.Size).Note(s.at, "it was declared here")
			t.truncate(n)
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
	s.keys, s.grove = nil, nil
	if c.opt.Consume && s.all().live() >= manyElements && !s.stateful() {
		s.Source = r.source(s)
		return
	}
	if s.interval() {
		s.Elements = r.segments(s, r.intervals(s).rows(false), true)
		return
	}
	s.closeUp()
	s.Elements = r.plain(s, s.all(), 0)
}
