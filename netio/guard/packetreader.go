//go:build linux

package guard

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A message is struct mmsghdr of recvmmsg(2) and sendmmsg(2).
type message struct {
	unix.Msghdr
	bytes uint32
	_     [4]byte
}

// packetSlot is the room for one frame, in bytes: an odd number of cache lines, so
// that the first lines of frames do not all compete for the same places.
const packetSlot = (maxFrame/64|1)*64 + 128

// packetBatch is how many frames one system call gives at most.
const packetBatch = 32

// A packetReader reads a packet socket, many frames a system call.
type packetReader struct {
	descriptor int
	outbound   bool
	meta       bool // a Meta comes before each frame
	arena      []byte
	vec        [packetBatch]unix.Iovec
	msgs       [packetBatch]message
}

func newPacketReader(fd int, outbound, meta bool) *packetReader {
	r := &packetReader{descriptor: fd, outbound: outbound, meta: meta, arena: make([]byte, packetBatch*packetSlot)}
	for i := range r.msgs {
		r.vec[i].Base = &r.arena[i*packetSlot]
		r.vec[i].SetLen(packetSlot)
		r.msgs[i].Iov = &r.vec[i]
		r.msgs[i].SetIovlen(1)
	}
	return r
}

func (r *packetReader) fd() int        { return r.descriptor }
func (r *packetReader) memory() []byte { return r.arena }

func (r *packetReader) read(frames []Frame) (n int, more bool, err error) {
	most := min(len(frames), packetBatch)
	got, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(r.descriptor), uintptr(unsafe.Pointer(&r.msgs[0])),
		uintptr(most), unix.MSG_DONTWAIT, 0, 0)
	switch errno {
	case 0:
	case unix.EAGAIN:
		return 0, false, nil
	case unix.EINTR, unix.EINVAL, unix.ENETDOWN: // of one frame that has no virtio header, or for now
		return 0, true, nil
	default:
		return 0, false, os.NewSyscallError("recvmmsg", errno)
	}
	for i := range int(got) {
		if r.msgs[i].Flags&unix.MSG_TRUNC != 0 {
			continue
		}
		at := i * packetSlot
		end := at + int(r.msgs[i].bytes)
		frames[n].set(r.arena[at:end:end], r.outbound, r.meta)
		n++
	}
	return n, int(got) == most, nil
}
