//go:build linux

package guard

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// maxFrame is the most that one read gives, in bytes: a virtio header, a Meta, an
// Ethernet header with two VLAN tags and the largest IP packet.
const maxFrame = offloadSize + metaSize + 22 + 65535

// arenaSize is the room for the frames of one read, in bytes. They lie close
// together, because small frames in large buffers of their own would share few
// lines of the cache.
const arenaSize = 8 * maxFrame

// A tapReader reads one queue of a TAP device.
type tapReader struct {
	descriptor int
	outbound   bool
	meta       bool // a Meta comes before each frame
	arena      []byte
}

func newTAPReader(fd int, outbound, meta bool) *tapReader {
	return &tapReader{fd, outbound, meta, make([]byte, arenaSize)}
}

func (r *tapReader) fd() int        { return r.descriptor }
func (r *tapReader) memory() []byte { return r.arena }

func (r *tapReader) read(frames []Frame) (n int, more bool, err error) {
	free := r.arena
	for i := range frames {
		if len(free) < maxFrame {
			return i, true, nil
		}
		n, err := unix.Read(r.descriptor, free)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return i, false, nil
		case errors.Is(err, unix.EINTR):
			return i, true, nil
		case err != nil:
			return i, false, os.NewSyscallError("read", err)
		}
		frames[i].set(free[:n:n], r.outbound, r.meta)
		free = free[(n+63)&^63:]
	}
	return len(frames), true, nil
}
