package lane

import (
	"sync"
	"testing"
)

// TestAlone has goroutines read in lanes what they write when they are alone, or
// what another one writes that has no lane: none sees half of it.
func TestAlone(t *testing.T) {
	const lanes, rounds = 4, 2000
	var r Road
	var a, b int
	var wg sync.WaitGroup
	for i := range lanes {
		l := r.Lane()
		wg.Go(func() {
			for n := range rounds {
				if n%7 == 0 && n%lanes == i {
					l.EnterAlone()
				} else {
					l.Enter()
				}
				if a != b {
					t.Errorf("saw %d and %d", a, b)
				}
				if n%lanes == i {
					l.Alone()
					a++
					b++
				}
				if l.IsAlone() != (n%lanes == i) {
					t.Error("IsAlone is wrong")
				}
				l.Leave()
			}
		})
	}
	for range rounds {
		r.Lock()
		a++
		b++
		r.Unlock()
	}
	wg.Wait()
	if want := rounds + lanes*rounds/lanes; a != want || b != want {
		t.Errorf("%d and %d changes, want %d", a, b, want)
	}
}

func BenchmarkEnter(b *testing.B) {
	var r Road
	l := r.Lane()
	for b.Loop() {
		l.Enter()
		l.Leave()
	}
}
