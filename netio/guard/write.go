//go:build linux

package guard

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Writer puts frames back. It is for one goroutine.
type Writer struct {
	o   Offload
	vec [2]unix.Iovec
	to  unix.RawSockaddrLinklayer
	msg unix.Msghdr
}

// ToHost lets a frame reach the host, as if it arrived on the interface now.
func (w *Writer) ToHost(g *Guard, frame []byte, o Offload) error {
	return w.write(g.in.queues[0], frame, o)
}

// ToWire lets a frame leave by the interface.
func (w *Writer) ToWire(g *Guard, frame []byte, o Offload) error {
	return w.write(g.out.queues[0], frame, o)
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
