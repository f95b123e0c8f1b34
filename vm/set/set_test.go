package set

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// TestHash compares a Hash with a Go map over random operations.
func TestHash(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, keyLen := range []int{1, 2, 4, 16, 36} {
		h, model := NewHash(keyLen, 0), map[string]int32{}
		key := make([]byte, keyLen)
		for range 20000 {
			key[0], key[keyLen-1] = byte(rng.Uint32N(64)), byte(rng.Uint32N(16))
			want, known := model[string(key)]
			switch rng.Uint32N(3) {
			case 0:
				n, added := h.Add(key)
				if added == known || known && n != want {
					t.Fatalf("Add(%x) = %d, %v; model has %d, %v", key, n, added, want, known)
				}
				model[string(key)] = n
			case 1:
				if n := h.Remove(key); known != (n != None) || known && n != want {
					t.Fatalf("Remove(%x) = %d, want %d, %v", key, n, want, known)
				}
				delete(model, string(key))
			case 2:
				if n := h.Find(key); known != (n != None) || known && n != want {
					t.Fatalf("Find(%x) = %d, want %d, %v", key, n, want, known)
				}
			}
			if h.Len() != len(model) {
				t.Fatalf("Len %d, want %d", h.Len(), len(model))
			}
		}
		for k, n := range model {
			if !bytes.Equal(h.Key(n), []byte(k)) {
				t.Errorf("Key(%d) = %x, want %x", n, h.Key(n), k)
			}
		}
	}
}

func TestIntervals(t *testing.T) {
	b := func(s string, end bool, n int32) Bound { return Bound{[]byte(s), end, n} }
	x, err := NewIntervals(2, []Bound{
		b("\x30\x00", false, 2), b("\x00\x00", true, 0), b("\x10\x00", false, 0), b("\x20\x00", true, 0),
		b("\x20\x00", false, 1), // adjacent to the one before
		b("\x21\x00", true, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key  string
		want int32
	}{
		{"\x00\x00", None}, {"\x0f\xff", None}, {"\x10\x00", 0}, {"\x1f\xff", 0}, {"\x20\x00", 1},
		{"\x20\xff", 1}, {"\x21\x00", None}, {"\x2f\xff", None}, {"\x30\x00", 2}, {"\xff\xff", 2},
	} {
		if got := x.Find([]byte(c.key)); got != c.want {
			t.Errorf("Find(%x) = %d, want %d", c.key, got, c.want)
		}
	}
}

// TestIntervalsWide searches keys of 16 bytes that differ in either half.
func TestIntervalsWide(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	key := func(v uint32) []byte {
		k := make([]byte, 16)
		k[7], k[8], k[15] = byte(v>>8&3), byte(v>>4&15), byte(v&15)
		return k
	}
	for range 200 {
		var bounds []Bound
		var starts []uint32
		v := rng.Uint32N(20)
		for n := int32(0); v < 1000; n++ {
			end := v + 1 + rng.Uint32N(40)
			bounds = append(bounds, Bound{key(v), false, n}, Bound{key(end), true, 0})
			starts = append(starts, v, end)
			v = end + rng.Uint32N(40)
		}
		x, _ := NewIntervals(16, bounds)
		for v := range uint32(1024) {
			want := None
			for n := 0; n+1 < len(starts); n += 2 {
				if v >= starts[n] && v < starts[n+1] {
					want = int32(n / 2)
				}
			}
			if end := starts[len(starts)-1]; end >= 1024 && v >= end&1023 {
				continue // the last end has wrapped
			}
			if got := x.Find(key(v)); got != want && starts[len(starts)-1] < 1024 {
				t.Fatalf("Find(%d) = %d, want %d", v, got, want)
			}
		}
	}
	if _, err := NewIntervals(20, nil); err == nil {
		t.Error("keys of 20 bytes are accepted")
	}
}

// TestRanges compares a search with a scan of all elements.
func TestRanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, count := range []int{1, 3, 50, 600} {
		var ranges []Range
		for n := range count {
			from, to := make([]byte, 12), make([]byte, 12)
			rng.Uint32()
			binary.BigEndian.PutUint32(from, rng.Uint32N(200))
			binary.BigEndian.PutUint32(to, binary.BigEndian.Uint32(from)+rng.Uint32N(20))
			from[4], to[4] = byte(rng.Uint32N(2)), 3
			binary.BigEndian.PutUint16(from[8:], uint16(rng.Uint32N(100)))
			binary.BigEndian.PutUint16(to[8:], binary.BigEndian.Uint16(from[8:])+uint16(rng.Uint32N(3)))
			ranges = append(ranges, Range{from, to, int32(n)})
		}
		x := NewRanges([]uint32{4, 1, 2}, ranges)
		for range 5000 {
			key := make([]byte, 12)
			binary.BigEndian.PutUint32(key, rng.Uint32N(230))
			key[4] = byte(rng.Uint32N(5))
			binary.BigEndian.PutUint16(key[8:], uint16(rng.Uint32N(110)))
			want := None
			for i := range ranges {
				if x.holds(&ranges[i], key) {
					want = ranges[i].N
					break
				}
			}
			if got := x.Find(key); got != want {
				t.Fatalf("%d elements: Find(%x) = %d, want %d", count, key, got, want)
			}
		}
	}
	if got := NewRanges(nil, nil).Find(nil); got != None {
		t.Errorf("empty index finds %d", got)
	}
}

func TestNoAllocs(t *testing.T) {
	h := NewHash(4, 100)
	for i := range uint32(100) {
		h.Add(binary.BigEndian.AppendUint32(nil, i))
	}
	iv, _ := NewIntervals(16, []Bound{{make([]byte, 16), false, 0}})
	rs := NewRanges([]uint32{4, 4}, []Range{{make([]byte, 8), bytes.Repeat([]byte{9}, 8), 0}})
	key := make([]byte, 16)
	if n := testing.AllocsPerRun(100, func() { h.Find(key[:4]); iv.Find(key); rs.Find(key[:8]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
