package lane

import (
	"runtime"
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
			in := false
			for n := range rounds {
				mine := n%lanes == i
				switch {
				case in:
					l.Again(n%5 == 0)
				case mine && n%7 == 0:
					l.Alone()
				default:
					l.Enter()
				}
				if a != b {
					t.Errorf("saw %d and %d", a, b)
				}
				alone := mine || l.IsAlone()
				if mine {
					l.Alone()
					a++
					b++
				}
				if l.IsAlone() != alone {
					t.Error("IsAlone is wrong")
				}
				if in = n%3 > 0 && n < rounds-1; !in {
					l.Leave()
				}
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

// TestTurns: who had to wait while another one did four things alone may do four
// before a third one is alone.
func TestTurns(t *testing.T) {
	var r Road
	first, second := r.Lane(), r.Lane()
	for second.due == 0 { // it came too late to wait
		second.Leave()
		first.Alone()
		for range 3 {
			first.Again(true)
		}
		go first.Leave()
		second.Enter()
	}
	var third bool
	var wg sync.WaitGroup
	wg.Go(func() {
		r.Lock()
		third = true
		r.Unlock()
	})
	for !r.closed.Load() {
		runtime.Gosched()
	}
	for n := range 4 {
		if second.Again(false); !second.taken.Load() || third {
			t.Fatalf("%d things were done when the third one came", n)
		}
	}
	second.Again(false)
	if !third {
		t.Error("the third one had to wait for longer")
	}
	second.Leave()
	wg.Wait()
}

func BenchmarkEnter(b *testing.B) {
	var r Road
	l := r.Lane()
	for b.Loop() {
		l.Enter()
		l.Leave()
	}
}
