//go:build linux

package guard

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A Poller waits for frames on several queues, in turns. It is for one goroutine,
// but for Stop.
type Poller struct {
	queues []*Queue
	next   int // whose turn it is
	stop   int // an eventfd
	fds    []unix.PollFd
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
// after Stop, when all queues are empty.
func (p *Poller) Read(frames []Frame) (*Queue, int, error) {
	for {
		for range p.queues {
			q := p.queues[p.next]
			p.next = (p.next + 1) % len(p.queues)
			if !q.ready {
				continue
			}
			n, more, err := q.read(frames)
			q.ready = more
			if err != nil {
				return nil, 0, fmt.Errorf("interface %s: %w", q.Guard.Name, err)
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

// Stop makes Read end.
func (p *Poller) Stop() error {
	_, err := unix.Write(p.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	return os.NewSyscallError("write", err)
}

// Close gives the poller's own descriptor back. Nobody may be reading any more.
func (p *Poller) Close() error { return unix.Close(p.stop) }
