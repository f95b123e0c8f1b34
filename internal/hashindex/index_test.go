package hashindex

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestIndex adds and removes numbers with few different hashes, at the ends of the
// range as well: each is found as often as it is there, the first added first.
func TestIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, entries := range []uint64{1, 5000} {
		x := New(2*entries, r.Uint32)
		want := map[uint32][]uint32{}
		added := uint32(0)
		for step := range 40_000 {
			h := r.Uint32N(40)*0x01000193 - 20*0x01000193
			if same := want[h]; len(same) > 0 && (r.IntN(2) == 0 || len(same) > 30) {
				i := r.IntN(len(same))
				x.Remove(h, same[i])
				want[h] = slices.Delete(same, i, i+1)
			} else {
				added++
				x.Add(h, added)
				want[h] = append(same, added)
			}
			x.Remove(h, added+1) // not there
			if got := found(x, h); !slices.Equal(got, want[h]) {
				t.Fatalf("%d entries, step %d: hash %#x leads to %d, want %d", entries, step, h, got, want[h])
			}
		}
		for h := range want {
			if got := found(x, h); !slices.Equal(got, want[h]) {
				t.Fatalf("%d entries, at the end: hash %#x leads to %d, want %d", entries, h, got, want[h])
			}
		}
	}
}

func found(x *Index, h uint32) (numbers []uint32) {
	at := x.Probe(h)
	for n := at.Next(); n != 0; n = at.Next() {
		numbers = append(numbers, n)
	}
	return numbers
}

// TestShardStays: a shard in which as many come as go does not grow.
func TestShardStays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s shard
	var in []place
	for i := range 100_000 {
		if len(in) == 500 {
			at := r.IntN(len(in))
			s.remove(0, in[at])
			in = slices.Delete(in, at, at+1)
		}
		p := place{r.Uint32(), uint32(i + 1)}
		s.add(0, p)
		in = append(in, p)
	}
	if n := len(s.places); n < 500*8/7 || n > 500*8/5 {
		t.Errorf("500 numbers have %d places", n)
	}
}

// TestHashSpreads: flows that differ in little lead to different places, also where
// nobody gives randomness.
func TestHashSpreads(t *testing.T) {
	for name, rand := range map[string]func() uint32{
		"none": func() uint32 { return 0 }, "ones": func() uint32 { return ^uint32(0) }, "PCG": rand.New(rand.NewPCG(1, 2)).Uint32,
	} {
		x := New(1<<19, rand)
		shards, hashes := map[*shard]int{}, map[uint32]int{}
		const flows = 1 << 18
		for i := range flows {
			src, dst := [16]byte{10, 3: uint8(i >> 16)}, [16]byte{11}
			h := x.Hash(&src, &dst, uint64(i)<<48|53<<32|0x02110000)
			s, _ := x.locate(h)
			shards[s]++
			hashes[h]++
		}
		fullest := 0
		for _, n := range shards {
			fullest = max(fullest, n)
		}
		if mean := flows / len(x.shards); len(shards) != len(x.shards) || fullest > 2*mean || len(hashes) < flows*999/1000 {
			t.Errorf("%s: %d of %d shards are used, one by %d flows, of which there are %d hashes", name, len(shards), len(x.shards), fullest, len(hashes))
		}
	}
}

// TestBuckets finds each number in the bucket of its hash only, however many buckets
// a shard has or shards a bucket.
func TestBuckets(t *testing.T) {
	for _, room := range []uint64{1, 100_000} {
		for _, n := range []uint64{1, 7, 1024, 1000 * 1000} {
			x := New(room, rand.New(rand.NewPCG(1, 2)).Uint32)
			r := rand.New(rand.NewPCG(3, 4))
			want := map[uint64][]uint32{}
			for i := range uint32(3000) {
				h := r.Uint32() | -(i & 1) // half of them in crowds, at the end
				if i&3 == 3 {
					h = r.Uint32N(1 << 12)
				}
				x.Add(h, i+1)
				want[Bucket(h, n)] = append(want[Bucket(h, n)], i+1)
			}
			for b := range n {
				if b > 5000 && b < n-5000 && want[b] == nil {
					continue
				}
				var got []uint32
				x.InBucket(b, n, func(i uint32) { got = append(got, i) })
				if slices.Sort(got); !slices.Equal(got, want[b]) {
					t.Fatalf("bucket %d of %d has %d, want %d", b, n, got, want[b])
				}
			}
		}
	}
}
