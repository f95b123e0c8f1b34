//go:build linux

package guard

import (
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A ring is one of an AF_XDP socket's four, in memory that we share with the
// kernel (linux/if_xdp.h): it holds items at positions that count up without end.
// The producer's and the consumer's position are written by one side each; size
// is a power of two.
type ring[T any] struct {
	memory             []byte
	producer, consumer *atomic.Uint32
	flags              *atomic.Uint32
	items              []T
	mask               uint32
}

func mapRing[T any](fd int, at int64, size int, off unix.XDPRingOffset) (r ring[T], err error) {
	var item T
	length := int(off.Desc) + size*int(unsafe.Sizeof(item))
	r.memory, err = unix.Mmap(fd, at, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return r, os.NewSyscallError("mmap of an XDP ring", err)
	}
	r.producer = (*atomic.Uint32)(unsafe.Pointer(&r.memory[off.Producer]))
	r.consumer = (*atomic.Uint32)(unsafe.Pointer(&r.memory[off.Consumer]))
	r.flags = (*atomic.Uint32)(unsafe.Pointer(&r.memory[off.Flags]))
	r.items = unsafe.Slice((*T)(unsafe.Pointer(&r.memory[off.Desc])), size)
	r.mask = uint32(size - 1)
	return r, nil
}

func (r *ring[T]) unmap() {
	if r.memory != nil {
		_ = unix.Munmap(r.memory)
		*r = ring[T]{}
	}
}

// at is the item at a position.
func (r *ring[T]) at(position uint32) *T { return &r.items[position&r.mask] }

// filled is how many items wait for the consumer.
func (r *ring[T]) filled() uint32 { return r.producer.Load() - r.consumer.Load() }

// needWakeup tells whether the kernel has to be told of what is in the ring.
func (r *ring[T]) needWakeup() bool { return r.flags.Load()&unix.XDP_RING_NEED_WAKEUP != 0 }
