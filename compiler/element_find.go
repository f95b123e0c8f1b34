package compiler

// A finder finds elements of a set by their keys, but for those that were taken
// out.
type finder struct {
	s     *setState
	r     *rule
	taken []bool         // by row
	index map[string]int // of a set of ranges: rows by id
	tree  *boxTree       // of a set of boxes
	any   int            // row of the catch-all, -1: none
}

// newFinder indexes the elements that a set has now. An element that was written
// twice counts once.
func newFinder(r *rule, s *setState) *finder {
	t := s.all()
	f := &finder{s: s, r: r, taken: make([]bool, t.len()), any: -1}
	if s.boxes() {
		f.tree = newBoxTree(t, s.partEnds())
		f.tree.taken = f.taken
	} else if t.ends {
		f.index = make(map[string]int, t.len())
	}
	for i := range t.len() {
		switch {
		case t.catchAll(i):
			f.any = i
		case f.index != nil:
			if _, again := f.index[string(t.id(i))]; again {
				f.taken[i] = true
			} else {
				f.index[string(t.id(i))] = i
			}
		}
	}
	return f
}

// find gives the row of the element with a key, -1 without; nil is the key of
// the catch-all.
func (f *finder) find(key expr) int {
	if key == nil {
		return f.findID(nil)
	}
	want := f.r.appendKeys(nil, f.s, key)
	if f.index == nil && f.tree == nil && hasRange(key) && string(appendValue(nil, key, f.s.key.width, true)) != string(want) {
		return -1
	}
	return f.findID(want)
}

// findID is find by what makes an element unique. In a set of boxes it finds the
// one that the kernel deletes for a key: the oldest that the first value of the
// key lies in.
func (f *finder) findID(id []byte) int {
	i, ok := f.any, f.any >= 0
	t := f.s.rows
	switch {
	case id == nil:
	case f.tree != nil:
		b := f.tree.oldest(id[:t.width], t.len())
		if b == nil {
			return -1
		}
		i, ok = b.order, true
	case f.index != nil:
		i, ok = f.index[string(id)]
	default:
		i = f.s.keyIndex(t.len()).find(id, t.id)
		ok = i >= 0
	}
	if !ok || f.taken[i] {
		return -1
	}
	return i
}
