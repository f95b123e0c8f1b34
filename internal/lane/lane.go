// Package lane has goroutines go side by side that at times need what they share
// alone. To enter a lane costs about as much as a mutex that nobody else wants, and
// goroutines in different lanes write to no memory in common.
package lane

import (
	"sync"
	"sync/atomic"
	"time"
)

// A Road is what the lanes are parts of. The zero Road has none.
type Road struct {
	alone  sync.Mutex // held by who is alone
	_      [cacheLine]byte
	closed atomic.Bool // somebody is alone, or wants to be
	// turn is how many things the last one did who was alone.
	turn  atomic.Int32
	lanes []*Lane // changes only while somebody is alone
	_     [cacheLine]byte
}

// cacheLine is at least as much as two processors can't change at the same time.
const cacheLine = 128

// A Lane is one goroutine's.
type Lane struct {
	_     [cacheLine]byte
	taken atomic.Bool
	alone bool
	// done is how many things were done alone. due is how many may be done beside others
	// before one who wants to be alone has to be let go first.
	done, due int32
	road      *Road
	_         [cacheLine]byte
}

// Lane adds a lane.
func (r *Road) Lane() *Lane {
	l := &Lane{road: r}
	r.Lock()
	r.lanes = append(r.lanes, l)
	r.Unlock()
	return l
}

// Lock waits until nobody is in any lane, and keeps all out.
func (r *Road) Lock() {
	r.alone.Lock()
	r.closed.Store(true)
	for _, l := range r.lanes {
		l.drain()
	}
}

// Unlock lets the lanes be entered again.
func (r *Road) Unlock() {
	r.closed.Store(false)
	r.alone.Unlock()
}

// drain waits until the lane is empty: as a rule not for long. Who is in it may have
// lost its processor, so that to wait actively for longer is of no use. (To yield is of
// none to goroutines that have a thread of their own: it takes longer than to sleep.)
func (l *Lane) drain() {
	const spins, pause = 3000, 20 * time.Microsecond
	for n := 0; l.taken.Load(); n++ {
		if n >= spins {
			time.Sleep(pause)
		}
	}
}

// Enter goes into the lane, beside those in others. As a rule the road is not closed
// for long, so that to sleep would take longer than to wait.
func (l *Lane) Enter() {
	const spins = 500
	if l.taken.Store(true); !l.road.closed.Load() {
		l.due = 0
		return
	}
	for n := 0; n < spins; {
		for l.taken.Store(false); n < spins && l.road.closed.Load(); {
			n++
		}
		if l.taken.Store(true); !l.road.closed.Load() {
			l.due = l.road.turn.Load()
			return
		}
	}
	l.taken.Store(false)
	l.road.alone.Lock() // when the road is open
	l.taken.Store(true)
	l.due = l.road.turn.Load()
	l.road.alone.Unlock()
}

// Again is Leave and Enter for one more thing of the same kind, where others are to
// come in between only if they want to. Whoever had to wait until somebody was no more
// alone may do as many things as that one did before waiting again: otherwise one who
// is alone for long would have the others do no more than one thing in between. With
// stay, who is alone stays so.
func (l *Lane) Again(stay bool) {
	if stay && l.alone {
		l.done++
		return
	}
	if l.due--; l.alone || l.due < 0 && l.road.closed.Load() {
		l.Leave()
		l.Enter()
	}
}

// Alone waits until nobody else is in any lane; the lane's own goroutine, which may be
// in it or not, is alone then until it leaves. Others may be alone before it.
func (l *Lane) Alone() {
	if !l.alone {
		l.taken.Store(false)
		l.road.Lock()
		l.alone, l.done = true, 1
	}
}

// IsAlone reports whether the lane's goroutine is alone.
func (l *Lane) IsAlone() bool { return l.alone }

// Leave goes out of the lane.
func (l *Lane) Leave() {
	if l.alone {
		l.alone = false
		l.road.turn.Store(l.done)
		l.road.Unlock()
		return
	}
	l.taken.Store(false)
}
