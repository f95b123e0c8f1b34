package compiler

// find gives the row of the element of a named set with a key, -1 without; nil is
// the key of the catch-all.
func (r *rule) find(s *setState, key expr) int {
	if key == nil {
		return r.findID(s, nil)
	}
	want := r.appendKeys(nil, s, key)
	if !s.all().ends && hasRange(key) && string(appendValue(nil, key, s.key.width, true)) != string(want) {
		return -1
	}
	return r.findID(s, want)
}

// findID is find by what makes an element unique. In a set of boxes it finds the
// one that the kernel deletes for a key: the oldest that the first value of the
// key lies in.
func (r *rule) findID(s *setState, id []byte) int {
	t := s.all()
	switch {
	case s.interval():
		return r.intervals(s).find(id)
	case s.boxes() && id != nil:
		if b := s.boxTrees().oldest(id[:t.width], t.len()); b != nil && !t.isDead(b.order) {
			return b.order
		}
		return -1
	}
	return s.keyIndex(t.len()).find(id, t)
}

// take takes a row of a named set out.
func (s *setState) take(i int) {
	switch {
	case s.interval():
		s.order.take(i)
		return
	case s.boxes() && !s.rows.catchAll(i):
		s.boxTrees().remove(s.rows.box(i))
	}
	s.rows.drop(i)
}
