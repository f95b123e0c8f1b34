package hashindex

import (
	"math/bits"
	"slices"
)

// A shard is a part of the index: a hash table with linear probing, where a hash's
// home is by its upper bits behind those that selected the shard. A number takes 8
// bytes of it, at 5/8 to 7/8 of the places in use. Of those with the same
// hash the first that was added is found first. What is removed leaves nothing
// behind, so that a table in which flows come and go stays as it is.
type shard struct {
	places []place
	used   int
}

// A place is free where number is 0.
type place struct {
	hash   uint32
	number uint32
}

// home is where the search for a hash begins; rest are its bits for this shard.
func (s *shard) home(rest uint32) int {
	hi, _ := bits.Mul32(rest, uint32(len(s.places)))
	return int(hi)
}

// smallestShard is how many places a shard begins with.
const smallestShard = 16

func (s *shard) add(shift uint, p place) {
	if s.used >= len(s.places)-len(s.places)/8 {
		s.grow(shift)
	}
	at := s.home(p.hash << shift)
	for s.places[at].number != 0 {
		at = s.after(at)
	}
	s.places[at] = p
	s.used++
}

// grow makes room for two fifths more. It begins behind a free place, so that
// those with the same hash stay in order.
func (s *shard) grow(shift uint) {
	old := s.places
	s.places, s.used = make([]place, max(len(old)*7/5, smallestShard)), 0
	begin := slices.IndexFunc(old, func(p place) bool { return p.number == 0 }) + 1
	for _, part := range [][]place{old[begin:], old[:begin]} {
		for _, p := range part {
			if p.number != 0 {
				s.add(shift, p)
			}
		}
	}
}

// remove frees the place of p, and moves those up that would not be found behind it.
// It reports whether p was there.
func (s *shard) remove(shift uint, p place) bool {
	if s.used == 0 {
		return false
	}
	free := s.home(p.hash << shift)
	for ; s.places[free] != p; free = s.after(free) {
		if s.places[free].number == 0 {
			return false
		}
	}
	for at := s.after(free); s.places[at].number != 0; at = s.after(at) {
		home := s.home(s.places[at].hash << shift)
		if s.distance(home, at) >= s.distance(free, at) {
			s.places[free] = s.places[at]
			free = at
		}
	}
	s.places[free] = place{}
	s.used--
	return true
}

// between calls f with those whose home is between two hashes' and some others: they
// are behind their homes, with no free place on the way.
func (s *shard) between(low, high uint32, f func(place)) {
	at := s.home(low)
	homes := s.home(high) - at
	for n := range s.places {
		p := s.places[at]
		if p.number != 0 {
			f(p)
		} else if n >= homes {
			return
		}
		at = s.after(at)
	}
}

func (s *shard) after(at int) int {
	if at++; at == len(s.places) {
		return 0
	}
	return at
}

// distance is how many places lie from one to another, which may be before it.
func (s *shard) distance(from, to int) int {
	if to < from {
		to += len(s.places)
	}
	return to - from
}
