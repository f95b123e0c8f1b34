//go:build linux

package guard

import (
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Raw sends frames by interfaces that have no guard: a packet that came by a
// guarded interface may be bound for any. It is for several goroutines.
type Raw struct{ fd int }

// NewRaw opens the socket.
func NewRaw() (*Raw, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("setsockopt PACKET_VNET_HDR", err)
	}
	return &Raw{fd}, nil
}

// Close closes the socket.
func (r *Raw) Close() error { return unix.Close(r.fd) }

// ToLink sends a frame by the link with this index. etherType is needed for links
// whose frames don't tell it.
func (w *Writer) ToLink(r *Raw, index int, etherType uint16, frame []byte, o Offload) error {
	if len(frame) == 0 {
		return unix.EINVAL
	}
	w.set(frame, o)
	w.to = unix.RawSockaddrLinklayer{Family: unix.AF_PACKET, Protocol: wire16(etherType), Ifindex: int32(index)}
	w.msg = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&w.to)), Namelen: unix.SizeofSockaddrLinklayer, Iov: &w.vec[0]}
	w.msg.SetIovlen(len(w.vec))
	_, _, errno := unix.Syscall(unix.SYS_SENDMSG, uintptr(r.fd), uintptr(unsafe.Pointer(&w.msg)), 0)
	runtime.KeepAlive(frame)
	if errno != 0 && !errors.Is(errno, unix.EINTR) {
		return os.NewSyscallError("sendmsg", errno)
	}
	return nil
}

// wire16 gives a number the byte order of the wire, as addresses of sockets have
// it.
func wire16(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}
