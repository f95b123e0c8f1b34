// Package hashindex finds numbers by a hash: the halves of connections by their
// tuples, for one. It is small, as millions of them are to fit into memory, and
// never stops for long, as a packet waits.
package hashindex

import (
	"encoding/binary"
	"math/bits"
)

// An Index leads from a hash to the numbers that have it. There may be several, as
// the hash is of 32 bits only: whoever asks looks at what they stand for. It is cut
// into shards by the uppermost bits of the hash, of which one grows at a time.
type Index struct {
	shards []shard
	bits   uint // of the hash that select a shard
	used   int
	seed   [4]uint64
}

const (
	perShard     = 256
	maxShardBits = 14
)

// New makes an index for some count of numbers; it takes more as well. rand gives
// 32 random bits, so that nobody knows what has the same hash.
func New(room uint64, rand func() uint32) *Index {
	x := &Index{bits: uint(min(bits.Len64((max(room, 1)-1)/perShard), maxShardBits))}
	x.shards = make([]shard, 1<<x.bits)
	for i := range x.seed {
		// Whatever rand gives, the seeds differ.
		x.seed[i] = uint64(rand())<<32 ^ uint64(rand()) ^ 0x9e3779b97f4a7c15*uint64(i+1) | 1
	}
	return x
}

// Hash is a seeded multiply-and-fold hash over two addresses and what else counts.
func (x *Index) Hash(a, b *[16]byte, rest uint64) uint32 {
	h := Fold(word(a, 0)^x.seed[0], word(a, 8)^x.seed[1])
	h = Fold(word(b, 0)^x.seed[2]^h, word(b, 8)^x.seed[1])
	return uint32(Fold(rest^h, x.seed[3]) >> 32)
}

func word(a *[16]byte, at int) uint64 { return binary.LittleEndian.Uint64(a[at:]) }

// Fold mixes two words.
func Fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// locate gives the shard of a hash, and the place in it at which to begin.
func (x *Index) locate(h uint32) (s *shard, home int) {
	s = &x.shards[uint64(h)<<x.bits>>32]
	return s, s.home(h << x.bits)
}

// A Probe goes through the numbers that have a hash.
type Probe struct {
	places []place
	at     int
	hash   uint32
}

// Probe begins a search. It is over when the index changes.
func (x *Index) Probe(h uint32) Probe {
	s, home := x.locate(h)
	return Probe{places: s.places, at: home, hash: h}
}

// Next gives the next number with the hash, those first that were added first, 0
// when there are no more.
func (p *Probe) Next() uint32 {
	for len(p.places) > 0 {
		at := &p.places[p.at]
		if at.number == 0 {
			break
		}
		if p.at++; p.at == len(p.places) {
			p.at = 0
		}
		if at.hash == p.hash {
			return at.number
		}
	}
	return 0
}

// Add enters a number but 0.
func (x *Index) Add(h, number uint32) {
	s, _ := x.locate(h)
	s.add(x.bits, place{h, number})
	x.used++
}

// Remove takes out a number; one that is not there is no matter.
func (x *Index) Remove(h, number uint32) {
	if s, _ := x.locate(h); s.remove(x.bits, place{h, number}) {
		x.used--
	}
}

// Len is how many numbers there are.
func (x *Index) Len() int { return x.used }

// Bucket gives the place of a hash among n equal parts of all hashes.
func Bucket(h uint32, n uint64) uint64 { return uint64(h) * n >> 32 }

// InBucket calls f with each number whose hash is in part b of n, in no particular
// order. f must not change the index.
func (x *Index) InBucket(b, n uint64, f func(number uint32)) {
	first, last := uint32((b<<32+n-1)/n), uint32(((b+1)<<32-1)/n)
	from, to := uint64(first)<<x.bits>>32, uint64(last)<<x.bits>>32
	for i := from; i <= to; i++ {
		low, high := uint32(0), ^uint32(0)
		if i == from {
			low = first << x.bits
		}
		if i == to {
			high = last << x.bits
		}
		x.shards[i].between(low, high, func(p place) {
			if Bucket(p.hash, n) == b {
				f(p.number)
			}
		})
	}
}
