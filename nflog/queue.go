package nflog

import (
	"errors"
	"sync/atomic"
	"time"

	"nfvm/bytecode"
)

// A Sink writes packets to one place. It is used by one goroutine.
type Sink interface {
	// takes tells whether the statement's packets are for it. What goes to a netlink
	// group is no line in the kernel's log.
	takes(l *bytecode.Log) bool
	// limit is how many bytes of a packet it wants.
	limit(l *bytecode.Log) int
	write(r *Record) error
	// flush is called when nothing is waiting.
	flush() error
	reopen() error
	close() error
}

// A queue holds the packets for one sink.
type queue struct {
	name             string
	sink             Sink
	failed           func(error)
	logger           *Logger
	records          chan *Record
	reopen           chan struct{}
	done             chan struct{}
	err              error // of the end
	written, dropped atomic.Uint64

	told time.Time // when a failure was reported last
}

// put adds a record, or counts it as lost when there is no room.
func (q *queue) put(r *Record) {
	r.holders.Add(1)
	if q.logger.Direct {
		q.write(r)
		return
	}
	select {
	case q.records <- r:
	default:
		q.dropped.Add(1)
		q.logger.release(r)
	}
}

func (q *queue) run() {
	defer close(q.done)
	for {
		select {
		case r, more := <-q.records:
			if !more {
				q.err = errors.Join(q.sink.flush(), q.sink.close())
				return
			}
			q.write(r)
		case <-q.reopen:
			q.tell(q.sink.reopen())
		}
	}
}

func (q *queue) write(r *Record) {
	err := q.sink.write(r)
	q.logger.release(r)
	if err == nil && len(q.records) == 0 {
		err = q.sink.flush()
	}
	if err != nil {
		q.dropped.Add(1)
	} else {
		q.written.Add(1)
	}
	q.tell(err)
}

// tellEvery is how often at most a failing place is reported.
const tellEvery = time.Minute

// tell reports a failure, if none was reported lately.
func (q *queue) tell(err error) {
	if err == nil || q.failed == nil || !q.told.IsZero() && time.Since(q.told) < tellEvery {
		return
	}
	q.told = time.Now()
	q.failed(err)
}
