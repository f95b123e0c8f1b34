package ct

// The queue holds every confirmed entry once, in a four-ary heap ordered by
// (due, seq). An entry's due time may be earlier than its expiry, because a
// refresh, which happens for every packet, does not touch the queue; it is
// never later. Sweep moves an entry that comes up too early to its real time.
type queue struct {
	heap []queued
	slab *slabs
}

type queued struct {
	due  int64
	seq  uint64
	slot uint32
}

func (a *queued) before(b *queued) bool {
	return a.due < b.due || a.due == b.due && a.seq < b.seq
}

func (q *queue) push(e *Entry, due int64) {
	q.heap = append(q.heap, queued{due, e.Seq, e.ID & slotMask})
	q.up(len(q.heap) - 1)
}

// remove takes e out.
func (q *queue) remove(e *Entry) {
	i := int(e.due) - 1
	e.due = 0
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if i != last {
		q.heap[i] = moved
		q.down(q.up(i))
	}
}

// hasten makes sure that e comes up no later than due.
func (q *queue) hasten(e *Entry, due int64) {
	i := int(e.due) - 1
	if due < q.heap[i].due {
		q.heap[i].due = due
		q.up(i)
	}
}

// delay moves the first entry to a later time.
func (q *queue) delay(due int64) {
	q.heap[0].due = due
	q.down(0)
}

func (q *queue) up(i int) int {
	n := q.heap[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !n.before(&q.heap[parent]) {
			break
		}
		q.put(i, q.heap[parent])
		i = parent
	}
	q.put(i, n)
	return i
}

func (q *queue) down(i int) {
	n := q.heap[i]
	for {
		least := i
		for c := 4*i + 1; c <= 4*i+4 && c < len(q.heap); c++ {
			if least == i && q.heap[c].before(&n) || least != i && q.heap[c].before(&q.heap[least]) {
				least = c
			}
		}
		if least == i {
			break
		}
		q.put(i, q.heap[least])
		i = least
	}
	q.put(i, n)
}

func (q *queue) put(i int, n queued) {
	q.heap[i] = n
	q.slab.at(n.slot).due = int32(i + 1)
}
