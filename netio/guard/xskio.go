//go:build linux

package guard

import (
	"errors"

	"golang.org/x/sys/unix"
)

func (x *xsk) fd() int        { return x.descriptor }
func (x *xsk) memory() []byte { return x.umem }

// read gives the kernel back the chunks that the reader had, and takes what has
// come since.
func (x *xsk) read(frames []Frame) (n int, more bool, err error) {
	done, filled := x.rx.consumer.Load(), x.fill.producer.Load()
	for i := range x.lent {
		addr := x.rx.at(done + i).Addr
		*x.fill.at(filled + i) = addr - addr%uint64(x.chunk)
	}
	if x.lent > 0 {
		x.fill.producer.Store(filled + x.lent)
		x.rx.consumer.Store(done + x.lent)
		done += x.lent
	}
	if x.fill.needWakeup() {
		_, _, err := unix.Recvfrom(x.descriptor, nil, unix.MSG_DONTWAIT)
		_ = err // the kernel has been told, whatever it answers
	}
	there := x.rx.producer.Load() - done
	x.lent = min(there, uint32(len(frames)))
	for i := range x.lent {
		d := x.rx.at(done + i)
		b := x.umem[d.Addr:][:d.Len:d.Len]
		frames[i] = Frame{Data: b, Offload: leftSum(b)}
	}
	return int(x.lent), x.lent > 0, nil
}

// errRoom tells that all chunks to send from are under way.
var errRoom = errors.New("the send ring is full")

// send puts a frame into the ring; kick sends it.
func (x *xsk) send(frame []byte, o Offload) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.free) == 0 {
		x.wake()
		if x.reclaim(); len(x.free) == 0 {
			return errRoom
		}
	}
	addr := x.free[len(x.free)-1]
	x.free = x.free[:len(x.free)-1]
	chunk := x.umem[addr:][:len(frame)]
	copy(chunk, frame)
	o.sum(chunk)
	at := x.tx.producer.Load()
	*x.tx.at(at) = unix.XDPDesc{Addr: addr, Len: uint32(len(frame))}
	x.tx.producer.Store(at + 1)
	return nil
}

// kick sends what is in the ring.
func (x *xsk) kick() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.wake()
	x.reclaim()
}

// wake has the kernel send. It may take a part only, and says so.
func (x *xsk) wake() {
	for range x.frames {
		if x.tx.filled() == 0 || !x.tx.needWakeup() {
			return
		}
		_, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(x.descriptor), 0, 0, unix.MSG_DONTWAIT, 0, 0)
		if errno != 0 && errno != unix.EAGAIN && errno != unix.EBUSY && errno != unix.EINTR {
			return
		}
	}
}

// reclaim takes back the chunks that have been sent.
func (x *xsk) reclaim() {
	at := x.completion.consumer.Load()
	n := x.completion.producer.Load() - at
	for i := range n {
		x.free = append(x.free, *x.completion.at(at + i))
	}
	x.completion.consumer.Store(at + n)
}
