package ct

import "math/bits"

// A halfID names one half of an entry: slot<<1 | direction.
type halfID uint32

func (h halfID) slot() uint32 { return uint32(h >> 1) }

// The index leads from the hash of (tuple, zone) to the halves that have it, and to
// a few others, as it knows the upper 32 bits of the hash only: whoever asks looks
// at the tuple. It is cut into shards by the uppermost bits, so that only a small
// part grows at a time, while a packet waits.
//
// The kernel's hash buckets, which early drop asks for, are ranges of the hash as
// well, so a bucket lies in neighboring places of neighboring shards.
type index struct {
	shards []shard
	bits   uint // of the hash that select a shard
	seed   [4]uint64
}

const (
	halvesPerShard = 256
	maxShardBits   = 14
)

// newIndex makes an index for some number of entries; it takes more as well.
func newIndex(entries uint32, rand func() uint32) *index {
	want := 2 * uint64(max(entries, 1))
	x := &index{bits: uint(min(bits.Len64((want-1)/halvesPerShard), maxShardBits))}
	x.shards = make([]shard, 1<<x.bits)
	for i := range x.seed {
		// Whatever rand gives, the seeds differ.
		x.seed[i] = uint64(rand())<<32 ^ uint64(rand()) ^ 0x9e3779b97f4a7c15*uint64(i+1) | 1
	}
	return x
}

// hash is a seeded multiply-and-fold hash over the tuple's 40 bytes.
func (x *index) hash(t *Tuple, zone uint16) uint32 {
	rest := uint64(t.SrcID)<<48 | uint64(t.DstID)<<32 | uint64(t.L3)<<24 | uint64(t.L4)<<16 | uint64(zone)
	h := fold(le.Uint64(t.Src[:8])^x.seed[0], le.Uint64(t.Src[8:])^x.seed[1])
	h = fold(le.Uint64(t.Dst[:8])^x.seed[2]^h, le.Uint64(t.Dst[8:])^x.seed[1])
	return uint32(fold(rest^h, x.seed[3]) >> 32)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// locate gives the shard of a hash, and the place in it at which to begin.
func (x *index) locate(h uint32) (s *shard, home int) {
	s = &x.shards[uint64(h)<<x.bits>>32]
	return s, s.home(h << x.bits)
}

// A probe goes through the halves that may have a hash.
type probe struct {
	places []place
	at     int
	hash   uint32
}

// probe begins a search. It is over when the index changes.
func (x *index) probe(h uint32) probe {
	s, home := x.locate(h)
	return probe{places: s.places, at: home, hash: h}
}

// next gives the next half with the hash, 0 when there are no more.
func (p *probe) next() halfID {
	for len(p.places) > 0 {
		at := &p.places[p.at]
		if at.half == 0 {
			break
		}
		if p.at++; p.at == len(p.places) {
			p.at = 0
		}
		if at.hash == p.hash {
			return at.half
		}
	}
	return 0
}

// add enters a half.
func (x *index) add(h uint32, half halfID) {
	s, _ := x.locate(h)
	s.add(x.bits, place{h, half})
}

// remove takes out a half that was added.
func (x *index) remove(h uint32, half halfID) {
	s, _ := x.locate(h)
	s.remove(x.bits, place{h, half})
}

// bucket gives the number of the kernel's hash bucket, out of n, for a hash.
func bucket(h uint32, n uint64) uint64 { return uint64(h) * n >> 32 }

// inBucket calls f with each half in bucket b out of n, in no particular order.
// f must not change the index.
func (x *index) inBucket(b, n uint64, f func(halfID)) {
	first, last := (b<<32+n-1)/n, ((b+1)<<32-1)/n
	for i := first << x.bits >> 32; i <= last<<x.bits>>32; i++ {
		for _, at := range x.shards[i].places {
			if at.half != 0 && bucket(at.hash, n) == b {
				f(at.half)
			}
		}
	}
}
