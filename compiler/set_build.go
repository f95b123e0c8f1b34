package compiler

import (
	"slices"

	"nfvm/bytecode"
	"nfvm/datatype"
)

// element2 writes all of an element but its key.
func (r *rule) element2(s *setState, el *elem) bytecode.Element {
	e := bytecode.Element{CatchAll: el.key == nil, Pos: r.pos.at(el.at)}
	switch d := el.data.(type) {
	case nil:
	case *verdictVal:
		e.Verdict, e.Chain = d.verdict, d.chain
	case *objectName:
		e.Object = d.name
	default:
		e.Data = dataBytes(el.data, s.DataInterval)
	}
	if o := el.opts; o != nil {
		e.HasTimeout, e.Timeout, e.Expires = o.hasTimeout, o.timeout, o.expires
		e.Comment, e.Exprs = o.comment, o.exprs
	}
	if e.Exprs == nil && len(s.Exprs) > 0 && !s.anonymousSet() {
		e.Exprs = copyExprs(s.Exprs)
	}
	return e
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

// dataBytes writes a value as registers hold it, each part of a concatenation
// padded to 32 bits; as a range: first and last value.
func dataBytes(e expr, asRange bool) []byte {
	if !asRange {
		return appendValue(nil, e, false)
	}
	return append(appendValue(nil, e, false), appendValue(nil, e, true)...)
}

// appendValue writes the first value of e, or the last.
func appendValue(b []byte, e expr, last bool) []byte {
	switch e := e.(type) {
	case *concat:
		for i, p := range e.parts {
			w := e.info.parts[i].width
			b = appendPart(b, p, w, last)
			for len(b)%4 != 0 {
				b = append(b, 0)
			}
		}
		return b
	case *constant:
		return appendPart(b, e, e.width, last)
	case *rangeVal, *prefixVal, *packedKey:
		return appendPart(b, e, e.inf().width, last)
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

// plain writes the elements of a set without single-field intervals, in the
// order given.
func (r *rule) plain(s *setState, els []elem) []bytecode.Element {
	out := make([]bytecode.Element, 0, len(els))
	r.eachPlain(s, els, func(e *bytecode.Element) { out = append(out, *e) })
	return out
}

func (r *rule) eachPlain(s *setState, els []elem, f func(*bytecode.Element)) {
	for i := range els {
		e := r.element2(s, &els[i])
		if els[i].key != nil {
			e.Key = appendValue(nil, els[i].key, false)
			if s.boxes() {
				e.KeyEnd = appendValue(nil, els[i].key, true)
			}
		}
		f(&e)
	}
}

// catchAlls appends the catch-all elements behind the intervals.
func (r *rule) catchAlls(s *setState, out []bytecode.Element, all []*elem) []bytecode.Element {
	for _, e := range all {
		out = append(out, r.element2(s, e))
	}
	return out
}

// write gives new elements of a set as the kernel takes them; first tells that
// the set was empty before.
func (r *rule) write(s *setState, els []elem, first bool) ([]bytecode.Element, bool) {
	if !s.interval() {
		return r.plain(s, els), true
	}
	in, all := s.intervals(els)
	ok := true
	if s.merges() {
		in = merge(in)
	} else {
		in, ok = r.overlaps(els, in)
	}
	return r.catchAlls(s, r.segments(s, els, in, first && len(in) > 0), all), ok
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
	if s.is(bytecode.SetInterval) {
		for i := range els {
			els[i].key = r.networkKey(s, els[i].key)
		}
	}
	for i := range els {
		if o := els[i].opts; o != nil && o.hasTimeout {
			r.refuse(els[i].at, einval, "elements of a set without name have no timeout")
			return false
		}
	}
	out, ok := r.write(s, els, true)
	if !ok || r.failed {
		r.failed = true
		return false
	}
	s.elems = els
	if s.boxes() && !r.boxesMeet(s, els, 0) {
		return false
	}
	if !s.interval() {
		if s.Elements, ok = r.unique(s, out, els); !ok {
			return false
		}
	} else {
		s.Elements = out
	}
	s.Size = uint32(len(out))
	r.use(s)
	r.make(s, out)
	return true
}

// unique drops repeated elements; in a map they must agree.
func (r *rule) unique(s *setState, in []bytecode.Element, els []elem) ([]bytecode.Element, bool) {
	seen := make(map[string]int, len(in))
	out := make([]bytecode.Element, 0, len(in))
	for i := range in {
		k := string(in[i].Key) + "-" + string(in[i].KeyEnd)
		if j, dup := seen[k]; dup {
			if !sameData(els[i].data, els[j].data) {
				r.refuse(els[i].at, eexist, "the key has another value already").Note(els[j].at, "the other element")
				return nil, false
			}
			continue
		}
		seen[k] = i
		out = append(out, in[i])
	}
	return out, true
}

// addAnonymous gives an anonymous set its name and place.
func (t *tableState) addAnonymous(s *setState) {
	s.Name = t.freeName(s.Name)
	s.Handle = t.nextHandle()
	t.sets[s.Name] = s
	t.setList = append(t.setList, s)
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
