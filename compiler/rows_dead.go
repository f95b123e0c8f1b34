package compiler

// Rows that are taken out stay where they are, marked as dead, until they are as
// many as those that are left: so the others keep their numbers, and taking one
// out costs nothing for those behind it.

// drop takes a row out.
func (t *rows) drop(i int) {
	for len(t.dead) <= i {
		t.dead = append(t.dead, false)
	}
	t.dead[i] = true
	t.gone++
}

// revive puts a row that was taken out back.
func (t *rows) revive(i int) {
	t.dead[i] = false
	t.gone--
}

// isDead tells whether a row was taken out.
func (t *rows) isDead(i int) bool { return i < len(t.dead) && t.dead[i] }

// live is the number of rows that were not taken out.
func (t *rows) live() int {
	if t == nil {
		return 0
	}
	return len(t.at) - t.gone
}

// wasteful tells whether it is time to close the rows up.
func (t *rows) wasteful() bool { return t.gone > 64 && t.gone > t.live() }

// closeUp removes the dead rows. It gives the new numbers of the others by their
// old ones.
func (t *rows) closeUp() []uint32 {
	to := make([]uint32, t.len())
	n := 0
	for i := range t.len() {
		to[i] = uint32(n)
		if !t.isDead(i) {
			t.move(i, n)
			n++
		}
	}
	t.dead, t.gone = nil, 0
	t.truncate(n)
	return to
}

// tidy closes the rows of a set up, if that is worth it.
func (s *setState) tidy() {
	if s.rows.live() < s.rows.len() && s.rows.wasteful() {
		s.closeUp()
	}
}

// closeUp closes the rows of a set up.
func (s *setState) closeUp() {
	if s.rows.live() == s.rows.len() {
		return
	}
	met := 0
	for i := range s.met {
		if !s.rows.isDead(i) {
			met++
		}
	}
	to := s.rows.closeUp()
	s.order.renumber(to)
	s.keys, s.grove, s.met = nil, nil, met
}
