package compiler

import "slices"

// A grove finds the boxes of a set that a point lies in while boxes come and go.
// It holds them in trees of which each is more than twice as large as the next:
// new boxes make a tree, and trees that are too alike become one, so that a box
// is sorted a few times only, however many commands there are.
type grove struct {
	ends   []int
	trees  []*boxTree
	rows   int // those that are in it
	visits int // steps beyond those that boxes which lie apart need
}

// maxVisits bounds the steps, as boxes may overlap in every single field and yet
// not at all.
const maxVisits = 1 << 28

// easyVisits is how many steps in one tree are not counted.
const easyVisits = 64

// boxTrees gives the grove of all rows of a set.
func (s *setState) boxTrees() *grove {
	if s.grove == nil {
		s.grove = &grove{ends: s.partEnds()}
	}
	s.grove.add(s.all())
	return s.grove
}

// add takes new rows in.
func (g *grove) add(t *rows) {
	var list []box
	for ; g.rows < t.len(); g.rows++ {
		if !t.catchAll(g.rows) && !t.isDead(g.rows) {
			list = append(list, t.box(g.rows))
		}
	}
	if len(list) == 0 {
		return
	}
	for n := len(g.trees); n > 0 && len(g.trees[n-1].boxes) <= 2*len(list); n-- {
		for _, b := range g.trees[n-1].boxes {
			if b.order != nobody {
				list = append(list, b)
			}
		}
		g.trees = g.trees[:n-1]
	}
	g.trees = append(g.trees, newBoxTree(list, g.ends))
}

// oldest gives the box of the lowest order below limit that a point lies in, nil
// without.
func (g *grove) oldest(point []byte, limit int) (best *box) {
	for _, t := range g.trees {
		before := t.visits
		if i := t.oldest(point, limit, maxVisits+easyVisits-g.visits); i >= 0 {
			best, limit = &t.boxes[i], t.boxes[i].order
		}
		g.visits += max(0, t.visits-before-easyVisits)
	}
	return best
}

// remove takes the box of a row out. Its first value lies in no older box, unless
// that was reported as a mistake.
func (g *grove) remove(b box) {
	for _, t := range g.trees {
		i := t.oldest(b.lo, b.order+1, maxVisits)
		if i >= 0 && t.boxes[i].order != b.order {
			i = slices.IndexFunc(t.boxes, func(x box) bool { return x.order == b.order })
		}
		if i >= 0 {
			t.remove(i)
			return
		}
	}
}

// exhausted tells that the bound of visits is reached.
func (g *grove) exhausted() bool { return g.visits > maxVisits }
