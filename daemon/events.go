//go:build linux

package daemon

import (
	"context"
	"sync"
	"sync/atomic"

	"nfvm/conntrack"
	"nfvm/ct"
	"nfvm/netfilter"
	"nfvm/replay"
	"nfvm/trace"
)

// backlog is how many events wait for a client before more are lost.
const backlog = 4096

// A topic is what a client watches.
type topic uint8

const (
	topicTrace topic = iota
	topicConntrack
	topicRuleset
	topicRulesetJSON
)

// events passes what happens to the clients that watch it. It never waits for
// one.
type events struct {
	mu         sync.Mutex
	watchers   map[*watcher]bool
	generation uint64 // of the ruleset
	lost       atomic.Uint64
}

// A watcher is one client that watches a topic.
type watcher struct {
	topic topic
	all   bool // of traces: every packet
	queue chan any
	lost  atomic.Uint64 // events since the client was told of lost ones
}

// watch begins to queue events of a topic until the function that it gives is
// called.
func (d *Daemon) watch(w *watcher) (stop func()) {
	w.queue = make(chan any, backlog)
	d.events.mu.Lock()
	if d.events.watchers == nil {
		d.events.watchers = map[*watcher]bool{}
	}
	d.events.watchers[w] = true
	d.events.mu.Unlock()
	d.listen()
	return func() {
		d.events.mu.Lock()
		delete(d.events.watchers, w)
		d.events.mu.Unlock()
		d.listen()
	}
}

// listen has the engine tell what somebody watches, and nothing else.
func (d *Daemon) listen() {
	tracer := replay.NewTracer(d.traced)
	d.firewall.Do(func(e *netfilter.Engine) {
		ev := &d.events
		ev.mu.Lock()
		defer ev.mu.Unlock()
		traces, all, connections := false, false, false
		for w := range ev.watchers {
			traces = traces || w.topic == topicTrace
			all = all || w.all
			connections = connections || w.topic == topicConntrack
		}
		e.Trace(nil, false)
		if traces {
			e.Trace(tracer, all)
		}
		e.Conntrack().OnEvent, e.Conntrack().OnExpect = nil, nil
		if connections {
			e.Conntrack().OnEvent = func(c *ct.Event) { ev.send(topicConntrack, func() any { return conntrack.FlowEvent(c) }) }
			e.Conntrack().OnExpect = func(x *ct.ExpectEvent) { ev.send(topicConntrack, func() any { return conntrack.ExpectEvent(x) }) }
		}
	})
}

// send queues an event for those who watch a topic. It is made when somebody
// has room for it.
func (ev *events) send(t topic, event func() any) {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	var made any
	for w := range ev.watchers {
		if w.topic != t {
			continue
		}
		if len(w.queue) == cap(w.queue) {
			w.lost.Add(1)
			ev.lost.Add(1)
			continue
		}
		if made == nil {
			made = event()
		}
		w.queue <- made
	}
}

// watched tells whether somebody watches a topic.
func (ev *events) watched(t topic) bool {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	for w := range ev.watchers {
		if w.topic == t {
			return true
		}
	}
	return false
}

// next gives the client's next event, and how many were lost before.
func (w *watcher) next(ctx context.Context) (event any, lost uint64, ok bool) {
	select {
	case event = <-w.queue:
		return event, w.lost.Swap(0), true
	case <-ctx.Done():
		return nil, 0, false
	}
}

// traced is told of a step of a traced packet.
func (d *Daemon) traced(e *trace.Event) error {
	d.events.send(topicTrace, func() any { return e.Clone() })
	return nil
}
