package nflog

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// Bounds of what waits to be written, in packets for each place and in bytes for
// all of them.
const (
	queueSize  = 4096
	queueBytes = 32 << 20
)

// textBytes is how much of a packet a line can show.
const textBytes = 2048

// closeTime is how long places may take at the end.
const closeTime = 2 * time.Second

// A Logger takes packets to several places. The zero Logger is ready for use.
type Logger struct {
	// Direct has packets written by who logs them, so that none is lost: for
	// replays.
	Direct bool

	queues  []*queue
	places  map[*bytecode.Log]*Place
	records sync.Pool
	waiting atomic.Int64 // bytes in queues
}

// Add has packets taken to a place as well, before the first one is logged. failed
// is told when it can't be written, once a minute at most.
func (g *Logger) Add(name string, s Sink, failed func(error)) {
	q := &queue{name: name, sink: s, failed: failed, logger: g, reopen: make(chan struct{}, 1),
		records: make(chan *Record, queueSize), done: make(chan struct{})}
	g.queues = append(g.queues, q)
	if !g.Direct {
		go q.run()
	}
}

// Active reports whether packets go anywhere.
func (g *Logger) Active() bool { return len(g.queues) > 0 }

// Rules tells the Logger which rules log from now on.
func (g *Logger) Rules(p *bytecode.Program) { g.places = Places(p) }

// Log takes a packet, as netfilter.Options.Log wants it.
func (g *Logger) Log(p *packet.Packet, hook nf.Hook, l *bytecode.Log) {
	var r *Record
	for _, q := range g.queues {
		if !q.sink.takes(l) {
			continue
		}
		if r == nil {
			if r = g.record(p, hook, l); r == nil {
				q.dropped.Add(1)
				continue
			}
		}
		q.put(r)
	}
	if r != nil {
		g.release(r)
	}
}

// record copies a packet for the places; nil if too much is waiting.
func (g *Logger) record(p *packet.Packet, hook nf.Hook, l *bytecode.Log) *Record {
	limit := textBytes
	for _, q := range g.queues {
		limit = max(limit, q.sink.limit(l))
	}
	size := int64(min(limit, len(p.Data)))
	if g.waiting.Load()+size > queueBytes && !g.Direct {
		return nil
	}
	r, _ := g.records.Get().(*Record)
	if r == nil {
		r = &Record{}
	}
	r.holders.Store(1)
	r.fill(p, hook, l, g.places[l], limit)
	g.waiting.Add(int64(len(r.data)))
	return r
}

// release is called by each who is done with a record.
func (g *Logger) release(r *Record) {
	if r.holders.Add(-1) > 0 {
		return
	}
	g.waiting.Add(-int64(len(r.data)))
	g.records.Put(r)
}

// Reopen opens files anew, for who has renamed them.
func (g *Logger) Reopen() {
	for _, q := range g.queues {
		select {
		case q.reopen <- struct{}{}:
		default: // it is about to
		}
	}
}

// Close writes what is waiting and ends. Nobody may log any more.
func (g *Logger) Close() error {
	for _, q := range g.queues {
		if close(q.records); g.Direct {
			q.run()
		}
	}
	limit := time.After(closeTime)
	var err error
	for _, q := range g.queues {
		select {
		case <-q.done:
			err = errors.Join(err, q.err)
		case <-limit:
			return errors.Join(err, errors.New(q.name+": it takes too long, logged packets are lost"))
		}
	}
	return err
}

// Stats counts the packets of one place.
type Stats struct {
	Name             string
	Written, Dropped uint64
}

// Stats gives the counts of all places.
func (g *Logger) Stats() (list []Stats) {
	for _, q := range g.queues {
		list = append(list, Stats{q.name, q.written.Load(), q.dropped.Load()})
	}
	return list
}
