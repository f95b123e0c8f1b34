package sequence

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestList makes random changes to a list and to a slice.
func TestList(t *testing.T) {
	for _, asked := range []bool{false, true} {
		r := rand.New(rand.NewPCG(1, 2))
		var l List[int]
		var want []int
		if asked && l.Index(0) != -1 {
			t.Error("something is in an empty list")
		}
		next := 0
		for step := range 40000 {
			next++
			switch n := len(want); {
			case step < 4*blockSize || n == 0:
				l.Append(next)
				want = append(want, next)
			case r.IntN(20) == 0:
				i := r.IntN(n)
				l.Set(i, next)
				want[i] = next
			case r.IntN(30000) > step:
				i := r.IntN(n + 1)
				l.Insert(i, next)
				want = slices.Insert(want, i, next)
			default:
				i := r.IntN(n)
				if asked && l.Index(want[i]) != i {
					t.Fatalf("step %d: index %d is found at %d", step, i, l.Index(want[i]))
				}
				gone := want[i]
				l.Remove(i)
				want = slices.Delete(want, i, i+1)
				if asked && l.Index(gone) != -1 {
					t.Fatalf("step %d: what was removed is at %d", step, l.Index(gone))
				}
			}
			if step%997 == 0 {
				same(t, &l, want)
			}
		}
		same(t, &l, want)
		for range want {
			l.Remove(0)
		}
		same(t, &l, nil)
	}
}

func same(t *testing.T, l *List[int], want []int) {
	t.Helper()
	if got := slices.Collect(l.All()); !slices.Equal(got, want) || l.Len() != len(want) {
		t.Fatalf("%d things, not %d, or in another order", len(got), len(want))
	}
	for i := 0; i < len(want); i += 100 {
		if l.At(i) != want[i] {
			t.Fatalf("index %d holds %d, not %d", i, l.At(i), want[i])
		}
	}
}
