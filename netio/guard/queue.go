//go:build linux

package guard

import (
	"encoding/binary"
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxFrame is the most that one read gives, in bytes: a virtio header, a Meta, an
// Ethernet header with two VLAN tags and the largest IP packet.
const maxFrame = offloadSize + metaSize + 22 + 65535

// arenaSize is the room for the frames of one read, in bytes. They lie close
// together, because small frames in large buffers of their own would share few
// lines of the cache.
const arenaSize = 8 * maxFrame

// A Queue is where the frames of one direction of an interface come out. It is
// for one goroutine.
type Queue struct {
	fd       int
	outbound bool
	meta     bool // a Meta comes before each frame
	arena    []byte
	poll     [2]unix.PollFd
}

func newQueue(fd, stop int, outbound, meta bool) *Queue {
	q := &Queue{fd: fd, outbound: outbound, meta: meta, arena: make([]byte, arenaSize)}
	q.poll = [2]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(stop), Events: unix.POLLIN}}
	return q
}

// Read waits for frames and gives at least one and at most len(frames). It ends
// with os.ErrClosed when the guard has been stopped and the queue is empty.
func (q *Queue) Read(frames []Frame) (int, error) {
	for {
		n, err := q.drain(frames)
		if n > 0 || err != nil {
			return n, err
		}
		if q.poll[1].Revents != 0 {
			return 0, os.ErrClosed
		}
		if _, err := unix.Poll(q.poll[:], -1); err != nil && !errors.Is(err, unix.EINTR) {
			return 0, os.NewSyscallError("poll", err)
		}
	}
}

// drain reads what is there.
func (q *Queue) drain(frames []Frame) (int, error) {
	free := q.arena
	for i := range frames {
		if len(free) < maxFrame {
			return i, nil
		}
		n, err := unix.Read(q.fd, free)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return i, nil
		case errors.Is(err, unix.EINTR):
			return i, nil
		case err != nil:
			return i, os.NewSyscallError("read", err)
		}
		q.frame(&frames[i], free[:n:n])
		free = free[(n+63)&^63:]
	}
	return len(frames), nil
}

// frame makes a frame of what was read: a virtio header, for what the host sends
// a Meta, and the Ethernet frame.
func (q *Queue) frame(f *Frame, b []byte) {
	*f = Frame{Outbound: q.outbound}
	f.Offload.read(b)
	b = b[offloadSize:]
	if q.meta && len(b) >= metaSize {
		f.Meta = readMeta(b)
		f.Offload.shift(metaSize)
		b = b[metaSize:]
	}
	f.Data = b
}

const offloadSize = int(unsafe.Sizeof(Offload{}))

func (o *Offload) read(b []byte) {
	if len(b) < offloadSize {
		return
	}
	*o = Offload{
		Flags: b[0], GSOType: b[1],
		HdrLen: binary.NativeEndian.Uint16(b[2:]), GSOSize: binary.NativeEndian.Uint16(b[4:]),
		CsumStart: binary.NativeEndian.Uint16(b[6:]), CsumOffset: binary.NativeEndian.Uint16(b[8:]),
	}
}

// shift takes n bytes off the front of the frame that o is about.
func (o *Offload) shift(n uint16) {
	if o.Flags&NeedsCsum != 0 {
		o.CsumStart -= n
	}
	o.HdrLen -= min(n, o.HdrLen)
}

// Holds reports whether b is a part of what the last Read gave.
func (q *Queue) Holds(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	at, start := uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&q.arena[0]))
	return at >= start && at < start+uintptr(len(q.arena))
}
