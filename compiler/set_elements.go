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
		c.deleteElements(t, s, cmd)
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
	if s.is(bytecode.SetConstant) && !s.sized && !s.boxes() && len(s.elems) > 0 {
		s.sized, s.Size = true, uint32(len(s.elems))
	}
}

// addRun adds the elements of several commands at once.
func (c *compiler) addRun(run []*lang.ElementCmd) {
	t := c.tableOf(run[0].Path)
	if t == nil {
		return
	}
	name := run[0].Path.Name
	s := t.sets[name.Text]
	if s == nil {
		c.noSet(name.Span, t, name.Text)
		return
	}
	if s.broken || c.constant(s, run[0].Elements) {
		return
	}
	r := &rule{compiler: c, table: t, ctx: newProtoCtx(t.Family)}
	if !s.interval() {
		var out [][]bytecode.Element
		for _, cmd := range run {
			if lit := literal(cmd.Elements); lit != nil {
				if els, ok := r.elements(lit, s, r.spends(cmd.Elements)); ok {
					out = append(out, r.addPlain(t, s, els, false))
				}
			}
		}
		r.listRun(s, out)
		return
	}
	var els []elem
	var blocks [][]elem
	for _, cmd := range run {
		if lit := literal(cmd.Elements); lit != nil {
			if e, ok := r.elements(lit, s, r.spends(cmd.Elements)); ok {
				els = append(els, e...)
				blocks = append(blocks, els[len(els)-len(e):])
			}
		}
	}
	if !r.addIntervals(s, els) {
		return
	}
	if s.merges() {
		blocks = [][]elem{els}
	}
	var out [][]bytecode.Element
	for _, b := range blocks {
		out = append(out, r.repeated(s, b, false))
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
	els, ok := r.elements(lit, s, r.spends(e))
	if !ok {
		return
	}
	if !s.interval() {
		out := r.addPlain(s.table, s, els, create)
		if listed || s.listed < 0 || len(r.listing[s.listed].elems) > 0 {
			r.listElements(s.table, s, out)
		} else {
			r.listing[s.listed].elems = out
		}
		return
	}
	if create && r.created(s, els) {
		return
	}
	if r.addIntervals(s, els) && listed {
		r.listElements(s.table, s, r.repeated(s, els, false))
	}
}

// created reports the first element that create finds in a set already.
func (r *rule) created(s *setState, els []elem) bool {
	for i := range els {
		if j := s.find(r, els[i].key); j >= 0 {
			r.refuse(els[i].at, eexist, "the element is already in %s %s", s.kind(), s.Name).Note(s.elems[j].at, "the other element")
			return true
		}
	}
	return false
}

// addIntervals adds to a set whose elements may not overlap.
func (r *rule) addIntervals(s *setState, els []elem) bool {
	for i := range els {
		els[i].key = r.networkKey(s, els[i].key)
	}
	s.sorted = nil
	all := els
	if len(s.elems) > 0 {
		all = append(s.elems[:len(s.elems):len(s.elems)], els...)
	}
	in, _ := s.intervals(all)
	if !s.merges() {
		var ok bool
		if in, ok = r.overlaps(all, in); !ok {
			s.elems = nil // further elements may conflict with those that are left
			for _, v := range in {
				s.elems = append(s.elems, all[v.n])
			}
			return false
		}
	} else {
		in = merge(in)
	}
	if s.sized && uint32(len(in)) > s.Size {
		r.refuse(els[len(els)-1].at, enfile, "%s %s holds at most %d elements", s.kind(), s.Name, s.Size).Note(s.at, "it was declared here")
		return false
	}
	s.elems, s.sorted = all, in
	return true
}

// repeated writes added intervals as nft lists them: those written twice are
// sent twice.
func (r *rule) repeated(s *setState, els []elem, first bool) []bytecode.Element {
	in, all := s.intervals(els)
	if s.merges() {
		in = merge(in)
	}
	return r.catchAlls(s, r.segments(s, els, in, first && len(in) > 0), all)
}

// addPlain adds to a set of single keys, or of concatenations with ranges, and
// gives the elements as they are listed. The set may keep els.
func (r *rule) addPlain(t *tableState, s *setState, els []elem, create bool) []bytecode.Element {
	var out []bytecode.Element
	if r.opt.Consume {
		for i := range els {
			r.pos.meet(els[i].at)
		}
	} else {
		out = r.plain(s, els)
	}
	first := len(s.elems)
	if first == 0 {
		s.elems = els[:0]
	}
	if s.keys == nil {
		s.keys = newKeyIndex(len(els))
	}
	var key []byte
	for i := range els {
		e := els[i]
		key = s.appendKey(key[:0], &e)
		if j := s.keys.add(key, len(s.elems), s.keyAt); j >= 0 {
			old := &s.elems[j]
			switch {
			case create:
				r.refuse(e.at, eexist, "the element is already in %s %s", s.kind(), s.Name).Note(old.at, "the other element")
			case !sameData(old.data, e.data):
				r.refuse(e.at, eexist, "the key has another value already").Note(old.at, "the other element")
			default:
				s.forget(t, &e)
			}
			continue
		}
		if s.sized && uint32(len(s.elems)) >= s.Size {
			r.refuse(e.at, enfile, "%s %s holds at most %d elements", s.kind(), s.Name, s.Size).Note(s.at, "it was declared here")
			s.reindex()
			return nil
		}
		s.elems = append(s.elems, e)
	}
	if s.boxes() {
		r.boxesMeet(s, s.elems, first)
	}
	return out
}

func (c *compiler) deleteElements(t *tableState, s *setState, cmd *lang.ElementCmd) {
	lit := literal(cmd.Elements)
	if lit == nil {
		return
	}
	r := &rule{compiler: c, table: t, ctx: newProtoCtx(t.Family)}
	var sent []elem
	for e := range lit.All() {
		var key expr
		if _, any := e.Key.(*lang.Wildcard); !any {
			if key = r.elementKey(e.Key, s.key); key == nil {
				continue
			}
		}
		j := s.find(r, key)
		if j < 0 {
			if gone(cmd.Verb) {
				c.refuse(e.Key.At(), enoent, "element does not exist")
			}
			continue
		}
		sent = append(sent, elem{key: key, at: e.Key.At()})
		s.forget(t, &s.elems[j])
		s.elems, s.sorted = append(s.elems[:j:j], s.elems[j+1:]...), nil
		s.reindex()
	}
	if !s.interval() && len(sent) > 0 {
		keys := *s.Set
		keys.Flags &^= bytecode.SetMap | bytecode.SetObject
		r.listElements(t, &setState{Set: &keys}, r.plain(s, sent))
	}
}

// find gives the index of the element with a key, -1 without.
func (s *setState) find(r *rule, key expr) int {
	if s.boxes() && key != nil {
		return s.findBox(key)
	}
	want := s.keyText(r, key)
	for i := range s.elems {
		if s.keyText(r, s.elems[i].key) == want {
			return i
		}
	}
	return -1
}

// keyText is a key with its end, as something to compare.
func (s *setState) keyText(r *rule, key expr) string {
	if key == nil {
		return "*"
	}
	if s.interval() {
		lo, hi := bounds(r.inOrder(key, s.key.order), s.key.width)
		return lo.String() + "-" + hi.String()
	}
	return string(appendValue(nil, key, false)) + "-" + string(appendValue(nil, key, true))
}

// finish writes the elements that the transaction leaves. Where the program
// is only to be encoded, those of a large set are made as they are written.
func (s *setState) finish(c *compiler) {
	if s.anonymousSet() || s.broken {
		return
	}
	r := &rule{compiler: c, table: s.table}
	s.keys = nil
	if c.opt.Consume && len(s.elems) >= manyElements && !s.stateful() {
		s.Source = r.source(s)
		return
	}
	s.Elements, _ = r.write(s, s.elems, true)
}
