package netfilter

import (
	"nfvm/ct"
	"nfvm/host"
	"nfvm/internal/lane"
	"nfvm/vm"
)

// A Worker takes frames through an Engine beside other Workers. Packets of
// established connections, and those that are not tracked, pass the rules on all of
// them at the same time. Whoever has a packet that changes more than its own
// connection (a new connection, an answer of the host's, a set that a rule changes,
// an event, a fragment) waits until the others are between packets, and goes on alone.
//
// A Worker is for one goroutine. Time may not be the same for all Workers: it runs
// backwards for none.
type Worker struct {
	_      [128]byte // others' memory is not to be in the same cache lines
	all    *Engine   // alone
	e      *Engine   // beside others
	lane   *lane.Lane
	flow   *ct.Follower
	beside vm.Beside
	// streak is how many packets in a row had to go on alone, and direct how many more
	// shall from the start: there will be more of them, and to try costs time.
	streak, direct int
	// followed tells that the last packet went all its way beside others.
	followed bool
	_        [128]byte
}

// Worker adds a Worker; sink is told what becomes of its packets, and of those that
// they cause, such as fragments that have waited for the last one. With Workers,
// whatever else is done with an Engine must be between Lock and Unlock.
func (e *Engine) Worker(sink Sink) *Worker {
	w := &Worker{all: e, lane: e.road.Lane()}
	e.Lock()
	defer e.Unlock()
	w.e = newLane(e.core, sink, 0x6e66766d+1+uint64(len(e.workers)))
	w.e.worker, w.flow = w, e.ct.NewFollower()
	w.beside.Alone, w.beside.Guard = w.alone, &e.guard
	w.beside.Follow(e.rules.rs)
	e.workers = append(e.workers, w)
	return w
}

// Lock waits until no Worker has a packet, and lets none take one.
func (e *Engine) Lock() {
	e.road.Lock()
	e.settle()
	for _, w := range e.workers {
		e.now = max(e.now, w.e.now)
	}
}

// Unlock lets the Workers go on.
func (e *Engine) Unlock() { e.road.Unlock() }

// SetSink has another Sink told what becomes of packets, those of Workers excepted.
func (e *Engine) SetSink(s Sink) { e.sink = s }

// settle brings what Workers have counted into the rules.
func (e *Engine) settle() {
	for _, w := range e.workers {
		w.beside.Settle()
	}
}

// SetSink has another Sink told what becomes of the Worker's packets.
func (w *Worker) SetSink(s Sink) { w.e.sink = s }

// Process does what Engine.Process does.
func (w *Worker) Process(f *Frame) {
	w.enter()
	w.process(f)
	w.lane.Leave()
}

// Batch does what Process does, with n frames one after the other. Next gives each, nil
// for none; it may read the host, which stays what it is meanwhile. Where one packet
// after the other has to go alone, others do not come in between each time: what they
// all write to need not move between processors so often.
func (w *Worker) Batch(n int, next func(i int, h *host.Host) *Frame) {
	if n == 0 {
		return
	}
	w.enter()
	for i := range n {
		if i > 0 {
			w.lane.Again(w.planned())
		}
		if f := next(i, w.e.host); f != nil {
			w.process(f)
		}
	}
	w.lane.Leave()
}

// enter goes into the lane.
func (w *Worker) enter() {
	if w.planned() {
		w.lane.Alone()
	} else {
		w.lane.Enter()
	}
}

// planned reports whether the next frame is to go alone from the start.
func (w *Worker) planned() bool {
	if w.direct == 0 {
		return false
	}
	w.direct--
	return true
}

// process takes a frame through the engine.
func (w *Worker) process(f *Frame) {
	now := max(f.Time, w.all.now, w.e.now)
	due := w.lane.IsAlone() || w.all.due(now)
	if due {
		w.alone()
		w.advance(now)
	}
	w.e.now = now
	w.e.pursue(f)
	w.e.giveFast()
	w.flow.Release()
	if !due {
		w.learn(now)
	}
	w.followed = !w.lane.IsAlone()
}

// advance lets time pass for all; what that sends is told to the Worker's Sink.
func (w *Worker) advance(now int64) {
	sink := w.all.sink
	w.all.sink = w.e.sink
	w.all.Advance(now)
	w.all.sink = sink
}

// learn takes from a frame that has tried to go beside others how many of the next
// shall go alone without trying.
func (w *Worker) learn(now int64) {
	if !w.lane.IsAlone() {
		w.streak = 0
		return
	}
	w.all.now = max(w.all.now, now)
	if w.streak++; w.streak > 1 {
		w.direct = min(w.streak*w.streak, longestDirect)
	}
}

// longestDirect is how many packets go alone without need at most, when the kind of
// traffic changes.
const longestDirect = 64

// due reports whether something is to be done by now that no packet does beside
// others.
func (e *Engine) due(now int64) bool {
	if e.now == 0 || e.opt.TraceAll || e.ct.Due(now) || e.frags.Due(now) || e.nat.Losing() || e.rules.rs.CollectDue(now) {
		return true
	}
	if e.fastDue(now) {
		return true
	}
	for _, ft := range e.rules.flowtables {
		if ft.unchecked != nil || now >= e.nextFlowCheck {
			return true
		}
	}
	return false
}

// alone waits until no other Worker has a packet. The connection of the one in hand
// is nobody's own any more, and may be gone.
func (w *Worker) alone() {
	if !w.lane.IsAlone() {
		w.flow.Release()
		w.lane.Alone()
	}
}

// alone is called before anything that packets can't do beside others.
func (e *Engine) alone() {
	if e.worker != nil {
		e.worker.alone()
	}
}

// followed has a packet follow its connection, and reports whether there is one
// that it can follow beside others.
func (e *Engine) followed(s *skb) bool {
	w := e.worker
	if w == nil {
		return false
	}
	if !w.lane.IsAlone() && !s.proxied && w.flow.Track(&s.Packet, s.Family, s.hook, e.now) {
		return true
	}
	w.alone()
	return false
}

// confirmed does for a packet what is left at the end of its way, and reports whether
// it could do so beside others.
func (e *Engine) confirmed(s *skb) bool {
	w := e.worker
	if w == nil {
		return false
	}
	if !w.lane.IsAlone() && w.flow.Confirm(&s.Packet) {
		return true
	}
	w.alone()
	return false
}
