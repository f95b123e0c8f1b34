//go:build linux

package guard

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A sendBatch is what a Writer has for one packet socket: many frames a system
// call.
type sendBatch struct {
	fd   int
	n    int
	o    [sendMost]Offload
	vec  [sendMost][2]unix.Iovec
	msgs [sendMost]message
}

const sendMost = 64

// post notes a frame for a socket.
func (w *Writer) post(fd int, frame []byte, o Offload) error {
	if len(frame) == 0 {
		return unix.EINVAL
	}
	if w.batch == nil {
		w.batch = new(sendBatch)
	}
	b := w.batch
	if b.n == sendMost || b.n > 0 && b.fd != fd {
		w.lost += b.send()
	}
	i := b.n
	b.fd, b.o[i] = fd, o
	b.vec[i][0].Base, b.vec[i][1].Base = (*byte)(unsafe.Pointer(&b.o[i])), &frame[0]
	b.vec[i][0].SetLen(offloadSize)
	b.vec[i][1].SetLen(len(frame))
	b.msgs[i].Iov = &b.vec[i][0]
	b.msgs[i].SetIovlen(2)
	b.n++
	return nil
}

// send sends them all and reports how many the interface did not take.
func (b *sendBatch) send() (lost int) {
	for at := 0; at < b.n; {
		sent, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(b.fd), uintptr(unsafe.Pointer(&b.msgs[at])),
			uintptr(b.n-at), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			at += int(sent)
		case unix.EINTR:
		default: // of the first
			at++
			lost++
		}
	}
	b.n = 0
	return lost
}
