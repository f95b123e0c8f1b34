package compiler

import (
	"slices"

	"nfvm/bytecode"
	"nfvm/datatype"
)

// rowElement writes all of an element but its key. What it points to is good until
// the rows change.
func (r *rule) rowElement(s *setState, t *rows, i int, e *bytecode.Element) {
	*e = bytecode.Element{Pos: r.pos.on(t.at[i], t.begins(i))}
	if t.data > 0 {
		e.Data = t.rowData(i)
	}
	if x := t.other(i); x != nil {
		e.CatchAll = x.catchAll
		e.HasTimeout, e.Timeout, e.Expires = x.hasTimeout, x.timeout, x.expires
		e.Comment, e.Exprs = x.comment, x.exprs
		switch d := x.data.(type) {
		case nil:
		case *verdictVal:
			if e.Verdict = d.verdict; d.to != nil {
				e.Chain = d.to.Name
			}
		case *objectName:
			e.Object = d.name
		default:
			e.Data = appendData(nil, x.data, s.DataInterval)
		}
	}
	if e.Exprs == nil && len(s.Exprs) > 0 && !s.anonymousSet() {
		e.Exprs = copyExprs(s.Exprs)
	}
}

// copyExprs gives an element its own copy of the set's stateful expressions.
func copyExprs(in []bytecode.Expr) []bytecode.Expr {
	out := make([]bytecode.Expr, len(in))
	for i, e := range in {
		switch e := e.(type) {
		case *bytecode.Counter:
			c := *e
			out[i] = &c
		case *bytecode.Quota:
			c := *e
			out[i] = &c
		case *bytecode.Limit:
			c := *e
			out[i] = &c
		case *bytecode.Last:
			c := *e
			out[i] = &c
		case *bytecode.Connlimit:
			c := *e
			out[i] = &c
		default:
			out[i] = e
		}
	}
	return out
}

// appendData writes a value as registers hold it, each part of a concatenation
// padded to 32 bits; as a range: first and last value.
func appendData(b []byte, e expr, asRange bool) []byte {
	b = appendValue(b, e, e.inf().width, false)
	if asRange {
		b = appendValue(b, e, e.inf().width, true)
	}
	return b
}

// appendValue writes the first value of e, or the last, in so many bits; those of
// a concatenation have their own width.
func appendValue(b []byte, e expr, width int, last bool) []byte {
	switch e := e.(type) {
	case *concat:
		from := len(b)
		for i, p := range e.parts {
			b = appendPart(b, p, e.info.parts[i].width, last)
			for (len(b)-from)%4 != 0 {
				b = append(b, 0)
			}
		}
		return b
	case *constant, *rangeVal, *prefixVal:
		return appendPart(b, e, width, last)
	}
	return b
}

func appendPart(b []byte, e expr, width int, last bool) []byte {
	n := bytesOf(width)
	if c, ok := e.(*constant); ok {
		b = slices.Grow(b, n)[:len(b)+n]
		c.val.put(b[len(b)-n:], c.order)
		return b
	}
	i := e.inf()
	lo, hi := bounds(e, i.width)
	v := lo
	if last {
		v = hi
	}
	if i.typ != nil && i.typ.IsString() {
		return append(b, v.bytes(n, datatype.BigEndian)...)
	}
	return append(b, v.bytes(n, i.order)...)
}

// plain writes the elements of rows without single-field intervals, from one on,
// in the order given.
func (r *rule) plain(s *setState, t *rows, from int) []bytecode.Element {
	out := make([]bytecode.Element, 0, t.len()-from)
	r.eachPlain(s, t, from, t.len(), func(e *bytecode.Element) { out = append(out, *e) })
	return out
}

func (r *rule) eachPlain(s *setState, t *rows, from, to int, f func(*bytecode.Element)) {
	var e bytecode.Element
	for i := from; i < to; i++ {
		r.rowElement(s, t, i, &e)
		if e.Key = t.key(i); e.Key != nil && t.ends {
			e.KeyEnd = t.end(i)
		}
		f(&e)
	}
}

// write gives the elements of an anonymous set as the kernel takes them.
func (r *rule) write(s *setState, t *rows) ([]bytecode.Element, bool) {
	if !s.interval() {
		return r.plain(s, t, 0), true
	}
	t = t.sorted()
	ok := r.disjoint(s, t)
	return r.segments(s, t, true), ok
}

// anonymousSet makes a set of the elements and the reference to it.
func (r *rule) anonymousSet(key *info, els []elem, at span) expr {
	s := r.newAnonymous("__set", key, els, at, 0)
	s.AutoMerge = s.interval()
	if !r.finishAnonymous(s, els) {
		return nil
	}
	return &setRef{info: info{typ: key.typ, order: key.order, width: key.width, at: at, parts: key.parts}, set: s}
}

// newAnonymous makes the declaration of an anonymous set or map.
func (r *rule) newAnonymous(name string, key *info, els []elem, at span, flags uint32) *setState {
	flags |= bytecode.SetAnonymous | bytecode.SetConstant
	for i := range els {
		if els[i].key != nil && hasRange(els[i].key) {
			flags |= bytecode.SetInterval
		}
		if o := els[i].opts; o != nil && o.hasTimeout {
			flags |= bytecode.SetTimeout
		}
	}
	s := &setState{Set: &bytecode.Set{Name: name, Flags: flags, Pos: r.pos.at(at)}, table: r.table, at: at, key: *key}
	s.setKey()
	return s
}

// setKey fills in the key's type and length.
func (s *setState) setKey() {
	k := &s.key
	if k.typ != nil {
		s.KeyType = k.typ.ID
	}
	s.KeyLen = uint32(bytesOf(k.width))
	s.FieldLens = nil
	for _, p := range k.parts {
		s.FieldLens = append(s.FieldLens, uint32(bytesOf(p.width)))
	}
	if len(k.parts) > 0 {
		if s.is(bytecode.SetInterval) {
			s.Flags |= bytecode.SetConcat
			k.parts = append([]info(nil), k.parts...)
			for i := range k.parts {
				if k.parts[i].typ == nil || !k.parts[i].typ.IsString() {
					k.parts[i].order = datatype.BigEndian
				}
			}
		}
		return
	}
	if s.is(bytecode.SetInterval) {
		// Intervals are compared as numbers: in network order.
		if k.typ == nil || !k.typ.IsString() {
			k.order = datatype.BigEndian
		}
		return
	}
	s.KeyByteorderHost = k.order == datatype.HostEnd
}

// finishAnonymous writes the elements and adds the set to the table.
func (r *rule) finishAnonymous(s *setState, els []elem) bool {
	t := s.newRows()
	t.grow(len(els))
	for i := range els {
		if o := els[i].opts; o != nil && o.hasTimeout {
			r.refuse(els[i].at, einval, "elements of a set without name have no timeout")
			return false
		}
		r.addRow(s, t, &els[i])
	}
	out, ok := r.write(s, t)
	if !ok || r.failed {
		r.failed = true
		return false
	}
	s.learn, s.rows = els, t
	if s.boxes() && !r.boxesMeet(s, s.boxTrees(), t, 0) {
		return false
	}
	s.grove = nil
	s.Elements = out
	if !s.interval() {
		if s.Elements, ok = r.unique(t, out); !ok {
			return false
		}
	}
	s.Size = uint32(len(out))
	r.use(s)
	r.make(s, out)
	return true
}

// unique drops repeated elements; in a map they must agree.
func (r *rule) unique(t *rows, in []bytecode.Element) ([]bytecode.Element, bool) {
	first := t.firsts(len(in))
	var out []bytecode.Element // once one is repeated
	for i := range in {
		switch j := first(i); {
		case j == i && out != nil:
			out = append(out, in[i])
		case j == i:
		case !t.sameData(i, j):
			r.refuse(t.at[i], eexist, "the key has another value already").Note(t.at[j], "the other element")
			return nil, false
		case out == nil:
			out = append(make([]bytecode.Element, 0, len(in)-1), in[:i]...)
		}
	}
	if out == nil {
		out = in
	}
	return out, true
}

// firsts gives a function that, called for the first n rows in turn, gives the
// number of the first with the same key.
func (t *rows) firsts(n int) func(i int) int {
	if n <= fewElements {
		return func(i int) int {
			for j := range i {
				if string(t.id(j)) == string(t.id(i)) {
					return j
				}
			}
			return i
		}
	}
	seen := make(map[string]int, n)
	return func(i int) int {
		j, dup := seen[string(t.id(i))]
		if !dup {
			seen[string(t.id(i))], j = i, i
		}
		return j
	}
}

// fewElements are quicker compared with each other than looked up.
const fewElements = 16

// addAnonymous gives an anonymous set its name and place.
func (t *tableState) addAnonymous(s *setState) {
	s.Name = t.freeName(s.Name)
	s.Handle = t.nextHandle()
	t.sets[s.Name] = s
	t.setList.add(s)
}

// freeName numbers an anonymous set with the first free number.
func (t *tableState) freeName(stem string) string {
	if t.free == nil {
		t.free = map[string]int{}
	}
	for n := t.free[stem]; ; n++ {
		name := stem + itoa(n)
		if t.sets[name] == nil {
			t.free[stem] = n + 1
			return name
		}
	}
}

// networkKey brings the key of an element of an interval set to the order in
// which ranges compare.
func (r *rule) networkKey(s *setState, key expr) expr {
	switch k := key.(type) {
	case nil:
		return nil
	case *concat:
		out := *k
		out.info.parts = s.key.parts
		out.parts = make([]expr, len(k.parts))
		for i, p := range k.parts {
			out.parts[i] = r.inOrder(p, s.key.parts[i].order)
		}
		return &out
	}
	return r.inOrder(key, s.key.order)
}
