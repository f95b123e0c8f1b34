package ct

// The queue holds every confirmed entry once, in a four-ary heap ordered by
// (due, seq). An entry's due time may be earlier than its expiry, because a
// refresh, which happens for every packet, does not touch the queue; it is
// never later. Sweep moves an entry that comes up too early to its real time.
//
// It lies in pieces: a slice that grows would be copied as a whole, for which a
// packet would have to wait.
type queue struct {
	pieces []*[pieceSize]queued
	n      int
	slab   *slabs
}

const (
	pieceBits = 10
	pieceSize = 1 << pieceBits
)

// item is the i-th place.
func (q *queue) item(i int) *queued { return &q.pieces[i>>pieceBits][i&(pieceSize-1)] }

// A queued entry is 16 bytes, for which the lower half of Entry.Seq must do.
type queued struct {
	due  int64
	seq  uint32
	slot uint32
}

func (a *queued) before(b *queued) bool {
	return a.due < b.due || a.due == b.due && int32(a.seq-b.seq) < 0
}

func (q *queue) push(e *Entry, due int64) {
	if q.n>>pieceBits == len(q.pieces) {
		q.pieces = append(q.pieces, new([pieceSize]queued))
	}
	q.n++
	*q.item(q.n - 1) = queued{due, uint32(e.Seq), e.ID & slotMask}
	q.up(q.n - 1)
}

// remove takes e out.
func (q *queue) remove(e *Entry) {
	i := int(e.due) - 1
	e.due = 0
	q.n--
	last := q.n
	if i != last {
		*q.item(i) = *q.item(last)
		q.down(q.up(i))
	}
}

// hasten makes sure that e comes up no later than due.
func (q *queue) hasten(e *Entry, due int64) {
	i := int(e.due) - 1
	if at := q.item(i); due < at.due {
		at.due = due
		q.up(i)
	}
}

// delay moves the first entry to a later time.
func (q *queue) delay(due int64) {
	q.item(0).due = due
	q.down(0)
}

func (q *queue) up(i int) int {
	n := *q.item(i)
	for i > 0 {
		parent := (i - 1) / 4
		if !n.before(q.item(parent)) {
			break
		}
		q.put(i, *q.item(parent))
		i = parent
	}
	q.put(i, n)
	return i
}

func (q *queue) down(i int) {
	n := *q.item(i)
	for {
		least := i
		for c := 4*i + 1; c <= 4*i+4 && c < q.n; c++ {
			if least == i && q.item(c).before(&n) || least != i && q.item(c).before(q.item(least)) {
				least = c
			}
		}
		if least == i {
			break
		}
		q.put(i, *q.item(least))
		i = least
	}
	q.put(i, n)
}

func (q *queue) put(i int, n queued) {
	*q.item(i) = n
	q.slab.at(n.slot).due = int32(i + 1)
}
