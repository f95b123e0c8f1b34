//go:build linux

package guard

import (
	"errors"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// A Poller waits for frames on several queues, in turns. It is for one goroutine,
// but for Stop.
type Poller struct {
	queues []*Queue
	next   int // whose turn it is
	stop   int // an eventfd
	fds    []unix.PollFd
	// interrupted makes it end with frames left in the queues.
	interrupted atomic.Bool
}

// NewPoller makes a poller of these queues.
func NewPoller(queues []*Queue) (*Poller, error) {
	stop, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("eventfd", err)
	}
	p := &Poller{queues: queues, stop: stop}
	for _, q := range queues {
		p.fds = append(p.fds, unix.PollFd{Fd: int32(q.fd()), Events: unix.POLLIN})
	}
	p.fds = append(p.fds, unix.PollFd{Fd: int32(stop), Events: unix.POLLIN})
	return p, nil
}

// Read waits for frames and gives at least one and at most len(frames), all of one
// queue. They are the reader's until it reads again. It ends with os.ErrClosed
// after Stop, when all queues are empty. A queue that can't be read is given with
// the error, and not read any more.
func (p *Poller) Read(frames []Frame) (*Queue, int, error) {
	for !p.interrupted.Load() {
		for range p.queues {
			i := p.next
			q := p.queues[i]
			p.next = (p.next + 1) % len(p.queues)
			if !q.ready {
				continue
			}
			n, more, err := q.read(frames)
			q.ready = more
			if err != nil {
				p.fds[i].Fd, p.fds[i].Revents = -1, 0
				return q, 0, err
			}
			if n > 0 {
				return q, n, nil
			}
		}
		if p.fds[len(p.queues)].Revents != 0 {
			return nil, 0, os.ErrClosed
		}
		if err := p.wait(-1); err != nil {
			return nil, 0, err
		}
	}
	return nil, 0, os.ErrClosed
}

// wait polls for so many milliseconds, -1 for ever, and marks the queues that have
// frames.
func (p *Poller) wait(timeout int) error {
	n, err := unix.Poll(p.fds, timeout)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return os.NewSyscallError("poll", err)
	}
	if n > 0 {
		for i, q := range p.queues {
			q.ready = p.fds[i].Revents != 0
		}
	}
	return nil
}

// Interrupt makes Read end at once. What is in the queues stays for another
// poller.
func (p *Poller) Interrupt() error {
	p.interrupted.Store(true)
	return p.Stop()
}

// Stop makes Read end.
func (p *Poller) Stop() error {
	_, err := unix.Write(p.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	return os.NewSyscallError("write", err)
}

// Close gives the poller's own descriptor back. Nobody may be reading any more.
func (p *Poller) Close() error { return unix.Close(p.stop) }
