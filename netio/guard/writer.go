//go:build linux

package guard

import (
	"os"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"nfvm/packet"
)

// A Writer puts frames back. It is for one goroutine. What it writes may leave
// only with Flush; until then the frames must stay as they are.
type Writer struct {
	index int  // the queues that it writes to
	ring  bool // the frames come from an AF_XDP socket, and may leave by one

	o   Offload
	vec [2]unix.Iovec
	to  unix.RawSockaddrLinklayer
	msg unix.Msghdr

	asleep []*xsk     // sockets with frames to send
	batch  *sendBatch // nil before the first frame for a packet socket
	lost   int        // since the last Flush

	fragmenter packet.Fragmenter
	fragments  uint32 // identification of the last IPv6 packet that was cut
	part       []byte
}

// Begin says where the frames that are written next came from, nil for nowhere.
func (w *Writer) Begin(q *Queue) {
	w.index, w.ring = 0, false
	if q != nil {
		w.index, w.ring = q.Index, q.ring
	}
}

// ToHost lets a frame reach the host, as if it arrived on the interface now.
func (w *Writer) ToHost(g *Guard, frame []byte, o Offload) error {
	return g.path.toHost(w, frame, o)
}

// ToWire lets a frame leave by the interface.
func (w *Writer) ToWire(g *Guard, frame []byte, o Offload) error {
	return g.path.toWire(w, frame, o)
}

// Flush sends what has not left yet, and reports how many frames nobody took.
func (w *Writer) Flush() (lost int) {
	for _, x := range w.asleep {
		x.kick()
	}
	w.asleep = w.asleep[:0]
	if w.batch != nil {
		w.lost += w.batch.send()
	}
	lost, w.lost = w.lost, 0
	return lost
}

// wakes notes that a socket is to be told of what it has to send.
func (w *Writer) wakes(x *xsk) {
	if !slices.Contains(w.asleep, x) {
		w.asleep = append(w.asleep, x)
	}
}

// set points the vectors at a frame and its virtio header.
func (w *Writer) set(frame []byte, o Offload) {
	w.o = o
	w.vec[0].Base, w.vec[1].Base = (*byte)(unsafe.Pointer(&w.o)), &frame[0]
	w.vec[0].SetLen(offloadSize)
	w.vec[1].SetLen(len(frame))
}

func (w *Writer) write(fd int, frame []byte, o Offload) error {
	if len(frame) == 0 {
		return unix.EINVAL
	}
	w.set(frame, o)
	_, _, errno := unix.Syscall(unix.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&w.vec[0])), uintptr(len(w.vec)))
	runtime.KeepAlive(frame)
	if errno != 0 {
		return os.NewSyscallError("write", errno)
	}
	return nil
}
