package ct

import (
	"math/bits"

	"github.com/dolthub/swiss"
)

// A halfID names one half of an entry: slot<<1 | direction.
type halfID uint32

func (h halfID) slot() uint32 { return uint32(h >> 1) }

// The index maps the hash of (tuple, zone) to the newest half with that hash;
// older ones follow through links.next. It is cut into shards by the upper bits
// of the hash, each made at its first use with room for its share of the table,
// because a large swiss map stalls when it grows or collects its tombstones.
//
// The kernel's hash buckets, which early drop asks for, are ranges of the hash
// as well, so a bucket lies in neighboring shards.
type index struct {
	shards []*swiss.Map[uint64, halfID]
	shift  uint
	room   uint32
	seed   [4]uint64
}

const (
	halvesPerShard = 256
	maxShardBits   = 14
)

// newIndex makes an index for some number of entries.
func newIndex(entries uint32, rand func() uint32) *index {
	want := 2 * uint64(max(entries, 1))
	shardBits := min(bits.Len64((want-1)/halvesPerShard), maxShardBits)
	x := &index{
		shards: make([]*swiss.Map[uint64, halfID], 1<<shardBits),
		shift:  uint(64 - shardBits),
	}
	// A quarter more than the mean, so that a full table rarely grows a shard.
	x.room = uint32(min(want>>shardBits*5/4, 4*halvesPerShard))
	for i := range x.seed {
		x.seed[i] = uint64(rand())<<32 | uint64(rand()) | 1
	}
	return x
}

// hash is a seeded multiply-and-fold hash over the tuple's 40 bytes.
func (x *index) hash(t *Tuple, zone uint16) uint64 {
	rest := uint64(t.SrcID)<<48 | uint64(t.DstID)<<32 | uint64(t.L3)<<24 | uint64(t.L4)<<16 | uint64(zone)
	h := fold(le.Uint64(t.Src[:8])^x.seed[0], le.Uint64(t.Src[8:])^x.seed[1])
	h = fold(le.Uint64(t.Dst[:8])^x.seed[2]^h, le.Uint64(t.Dst[8:])^x.seed[1])
	return fold(rest^h, x.seed[3])
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func (x *index) shard(h uint64) *swiss.Map[uint64, halfID] { return x.shards[h>>x.shift] }

// head gives the newest half with hash h, 0 for none.
func (x *index) head(h uint64) halfID {
	s := x.shard(h)
	if s == nil {
		return 0
	}
	half, _ := s.Get(h)
	return half
}

// push puts a half before those of the same hash and returns the one it
// precedes.
func (x *index) push(h uint64, half halfID) (next halfID) {
	s := x.shard(h)
	if s == nil {
		s = swiss.NewMap[uint64, halfID](x.room)
		x.shards[h>>x.shift] = s
	}
	next, _ = s.Get(h)
	s.Put(h, half)
	return next
}

// setHead replaces the newest half of a hash; 0 removes the hash.
func (x *index) setHead(h uint64, half halfID) {
	s := x.shard(h)
	if half == 0 {
		s.Delete(h)
		return
	}
	s.Put(h, half)
}

// bucket gives the number of the kernel's hash bucket, out of n, for a hash.
func bucket(h, n uint64) uint64 {
	hi, _ := bits.Mul64(h, n)
	return hi
}

// inBucket calls f with the newest half of each hash in bucket b out of n, in
// no particular order. f must not change the index.
func (x *index) inBucket(b, n uint64, f func(halfID)) {
	first, _ := bits.Div64(b, 0, n)
	last := ^uint64(0)
	if b+1 < n {
		last, _ = bits.Div64(b+1, 0, n)
	}
	for i := first >> x.shift; i <= last>>x.shift; i++ {
		if x.shards[i] == nil {
			continue
		}
		x.shards[i].Iter(func(h uint64, half halfID) bool {
			if bucket(h, n) == b {
				f(half)
			}
			return false
		})
	}
}
