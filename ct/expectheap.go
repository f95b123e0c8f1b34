package ct

// An expectHeap holds expectations, those that expire first in front.
type expectHeap []*Expectation

func (h expectHeap) before(i, j int) bool {
	return h[i].Expires < h[j].Expires || h[i].Expires == h[j].Expires && h[i].seq < h[j].seq
}

func (h expectHeap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *expectHeap) push(x *Expectation) {
	x.place = len(*h)
	*h = append(*h, x)
	h.up(x.place)
}

func (h *expectHeap) remove(x *Expectation) {
	i, last := x.place, len(*h)-1
	h.swap(i, last)
	(*h)[last] = nil
	*h = (*h)[:last]
	if i != last {
		h.up(i)
		h.down(i)
	}
}

// fix restores the order after a change of x.Expires.
func (h expectHeap) fix(x *Expectation) {
	h.up(x.place)
	h.down(x.place)
}

func (h expectHeap) up(i int) {
	for i > 0 && h.before(i, (i-1)/2) {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (h expectHeap) down(i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h); c++ {
			if h.before(c, least) {
				least = c
			}
		}
		if least == i {
			return
		}
		h.swap(i, least)
		i = least
	}
}
