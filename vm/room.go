package vm

// A room counts a set's elements as the kernel does when packets add some:
// an element whose time is over counts until the next collection, and one that
// a packet deletes counts for ever, because nothing takes it off the count.
type room struct {
	size     int   // most elements
	used     int   // elements counted
	born     int64 // when the set was made
	interval int64 // between collections, nanoseconds
	ghosts   int   // elements replaced after their time, to be collected
	since    int64 // the collection before which they were
}

// gcInterval is the time between collections of a set that names none.
const gcInterval = 1e9

// collected gives the instant of the last collection.
func (r *room) collected(now int64) int64 {
	return r.born + (now-r.born)/r.interval*r.interval
}

// expire takes an element off the count that is being replaced after its time,
// now or at the next collection.
func (r *room) expire(at, now int64) {
	r.settle(now)
	if last := r.collected(now); at <= last {
		r.used--
	} else {
		r.ghosts, r.since = r.ghosts+1, last
	}
}

func (r *room) settle(now int64) {
	if r.ghosts > 0 && r.collected(now) > r.since {
		r.used, r.ghosts = r.used-r.ghosts, 0
	}
}

// take counts one more element and reports whether there was room for it.
func (s *Set) take(now int64) bool {
	r := &s.room
	r.settle(now)
	if r.used >= r.size {
		s.collect(r.collected(now))
	}
	if r.used >= r.size {
		return false
	}
	r.used++
	return true
}

// collect deletes the elements whose time was over at the given instant.
func (s *Set) collect(at int64) {
	if at <= s.swept {
		return
	}
	s.swept = at
	for n := range s.elems {
		if e := &s.elems[n]; !e.dead && e.expires != 0 && e.expires <= at {
			s.room.used--
			s.remove(s.hash.Key(int32(n)))
		}
	}
}
