//go:build linux

package guard

import "unsafe"

// A Queue is where frames of one direction of an interface come out. It is for
// one goroutine.
type Queue struct {
	Guard *Guard
	// Index is its number: frames of a flow always come out of queues of the same
	// number, those that go by different ways too.
	Index int

	reader
	ring  bool // of an AF_XDP socket
	ready bool // there may be frames
}

// A reader takes frames that are there, without waiting.
type reader interface {
	// read gives at most len(frames), and tells whether there may be more.
	read(frames []Frame) (n int, more bool, err error)
	// fd is a descriptor that can be polled for more.
	fd() int
	// memory is where the frames lie.
	memory() []byte
}

// Holds reports whether b is a part of what the last read gave.
func (q *Queue) Holds(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	m := q.memory()
	at, start := uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&m[0]))
	return at >= start && at < start+uintptr(len(m))
}
