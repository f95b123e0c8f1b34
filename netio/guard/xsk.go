//go:build linux

package guard

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// How many frames a socket has memory to receive into: the most, the most of all
// sockets of an interface where locked memory is limited, and the least. It has
// half as many to send from.
const (
	mostFrames    = 2048
	limitedFrames = 1024
	leastFrames   = 128
)

// xdpHeadroom is what the kernel leaves free before a received frame, in bytes
// (XDP_PACKET_HEADROOM).
const xdpHeadroom = 256

// An xsk is an AF_XDP socket on one queue of an interface, with memory of its
// own: chunks of one size, the first frames of them to receive into, the others to
// send from.
type xsk struct {
	descriptor int
	frames     int
	chunk      int // bytes
	umem       []byte
	rx         ring[unix.XDPDesc]
	fill       ring[uint64]
	lent       uint32 // received frames that the reader has

	mu         sync.Mutex // guards what follows: several workers may send
	tx         ring[unix.XDPDesc]
	completion ring[uint64]
	free       []uint64 // addresses of chunks to send from
}

// The kernel counts the memory of a socket for some time after it was closed, so
// that one who starts anew may have to wait.
const (
	memlockTries = 10
	memlockWait  = 100 * time.Millisecond
)

// errMemlock says what to do about a limit.
var errMemlock = errors.New("the memory for frames can't be locked: raise the limit (ulimit -l, LimitMEMLOCK=)")

// AllowMemory lifts the limit on locked memory, which AF_XDP sockets need, while
// the process still may (CAP_SYS_RESOURCE). Where it may not, the limit that it
// was given has to do.
func AllowMemory() {
	_ = unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
}

// newXSK opens a socket and binds it to one of so many queues. chunk is the room
// for a frame in bytes, a power of two. Where little memory can be locked the
// socket has fewer frames.
func newXSK(index, queue, queues, chunk int) (x *xsk, err error) {
	frames := mostFrames
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit) == nil && limit.Cur != unix.RLIM_INFINITY {
		for frames = limitedFrames; queues > 1 && frames > leastFrames; queues /= 2 {
			frames /= 2
		}
	}
	for tries := 0; ; {
		x, err = openXSK(index, queue, chunk, frames)
		switch {
		case !errors.Is(err, errMemlock):
			return x, err
		case frames > leastFrames:
			frames /= 2
		case queue > 0 || tries == memlockTries:
			return x, err
		default:
			tries++
			time.Sleep(memlockWait)
		}
	}
}

func openXSK(index, queue, chunk, frames int) (x *xsk, err error) {
	x = &xsk{chunk: chunk, frames: frames, descriptor: -1}
	defer func() {
		if err != nil {
			x.close()
		}
	}()
	x.descriptor, err = unix.Socket(unix.AF_XDP, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return x, fmt.Errorf("AF_XDP socket (CONFIG_XDP_SOCKETS): %w", err)
	}
	x.umem, err = unix.Mmap(-1, 0, (frames+frames/2)*chunk, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE)
	if err != nil {
		return x, os.NewSyscallError("mmap", err)
	}
	if err := x.register(); err != nil {
		return x, err
	}
	if err := x.mapRings(); err != nil {
		return x, err
	}
	x.giveChunks()
	return x, x.bind(index, queue)
}

// The queue of a socket that has just been closed is free some time later.
const (
	bindTries = 50
	bindPause = 10 * time.Millisecond
)

func (x *xsk) bind(index, queue int) error {
	for try := 1; ; try++ {
		err := unix.Bind(x.descriptor, &unix.SockaddrXDP{Flags: unix.XDP_USE_NEED_WAKEUP, Ifindex: uint32(index), QueueID: uint32(queue)})
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EBUSY) || try == bindTries {
			return fmt.Errorf("binding to queue %d: %w", queue, err)
		}
		time.Sleep(bindPause)
	}
}

// register makes the memory and the rings known to the kernel.
func (x *xsk) register() error {
	reg := unix.XDPUmemReg{Addr: uint64(uintptr(unsafe.Pointer(&x.umem[0]))), Len: uint64(len(x.umem)), Size: uint32(x.chunk)}
	_, _, errno := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(x.descriptor), unix.SOL_XDP, unix.XDP_UMEM_REG,
		uintptr(unsafe.Pointer(&reg)), unsafe.Sizeof(reg), 0)
	if errno == unix.ENOBUFS {
		return errMemlock
	}
	if errno != 0 {
		return os.NewSyscallError("setsockopt XDP_UMEM_REG", errno)
	}
	for _, o := range []struct{ option, size int }{
		{unix.XDP_UMEM_FILL_RING, x.frames}, {unix.XDP_UMEM_COMPLETION_RING, x.frames / 2},
		{unix.XDP_RX_RING, x.frames}, {unix.XDP_TX_RING, x.frames / 2},
	} {
		if err := unix.SetsockoptInt(x.descriptor, unix.SOL_XDP, o.option, o.size); err != nil {
			return fmt.Errorf("making an XDP ring: %w", err)
		}
	}
	// One system call may then send as many as there are (Linux 6.17).
	_ = unix.SetsockoptInt(x.descriptor, unix.SOL_XDP, unix.XDP_MAX_TX_SKB_BUDGET, x.frames/2)
	return nil
}

func (x *xsk) mapRings() (err error) {
	var off unix.XDPMmapOffsets
	size := uint32(unsafe.Sizeof(off))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(x.descriptor), unix.SOL_XDP, unix.XDP_MMAP_OFFSETS,
		uintptr(unsafe.Pointer(&off)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 || size != uint32(unsafe.Sizeof(off)) {
		return fmt.Errorf("the kernel's AF_XDP rings have another form (before Linux 5.4): %w", errno)
	}
	if x.fill, err = mapRing[uint64](x.descriptor, unix.XDP_UMEM_PGOFF_FILL_RING, x.frames, off.Fr); err != nil {
		return err
	}
	if x.completion, err = mapRing[uint64](x.descriptor, unix.XDP_UMEM_PGOFF_COMPLETION_RING, x.frames/2, off.Cr); err != nil {
		return err
	}
	if x.rx, err = mapRing[unix.XDPDesc](x.descriptor, unix.XDP_PGOFF_RX_RING, x.frames, off.Rx); err != nil {
		return err
	}
	x.tx, err = mapRing[unix.XDPDesc](x.descriptor, unix.XDP_PGOFF_TX_RING, x.frames/2, off.Tx)
	return err
}

// giveChunks gives the kernel the chunks to receive into.
func (x *xsk) giveChunks() {
	for i := range uint32(x.frames) {
		*x.fill.at(i) = uint64(i) * uint64(x.chunk)
	}
	x.fill.producer.Store(uint32(x.frames))
	for i := range x.frames / 2 {
		x.free = append(x.free, uint64(x.frames+i)*uint64(x.chunk))
	}
}

// room is the longest frame that fits, in bytes.
func (x *xsk) room() int { return x.chunk - xdpHeadroom }

func (x *xsk) close() {
	for _, r := range []*ring[uint64]{&x.fill, &x.completion} {
		r.unmap()
	}
	for _, r := range []*ring[unix.XDPDesc]{&x.rx, &x.tx} {
		r.unmap()
	}
	if x.descriptor >= 0 {
		unix.Close(x.descriptor)
	}
	if x.umem != nil {
		_ = unix.Munmap(x.umem)
	}
	x.umem, x.descriptor = nil, -1
}
