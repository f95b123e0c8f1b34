//go:build linux

package guard

import (
	"os"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// socketBuffer is the room for frames in a packet socket, in bytes.
const socketBuffer = 8 << 20

// newPacketSocket opens a packet socket on an interface whose frames have virtio
// headers. One that captures gets nothing before it has a filter.
func newPacketSocket(index int, capture bool) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, os.NewSyscallError("packet socket", err)
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
			fd = -1
		}
	}()
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1); err != nil {
		return fd, os.NewSyscallError("setsockopt PACKET_VNET_HDR", err)
	}
	for _, buffer := range []int{unix.SO_RCVBUFFORCE, unix.SO_SNDBUFFORCE} {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, buffer, socketBuffer); err != nil {
			return fd, os.NewSyscallError("setsockopt SO_RCVBUFFORCE", err)
		}
	}
	to := &unix.SockaddrLinklayer{Ifindex: index}
	if capture {
		to.Protocol = wire16(unix.ETH_P_ALL)
		if err := captureNothing(fd); err != nil {
			return fd, err
		}
	}
	return fd, os.NewSyscallError("bind of a packet socket", unix.Bind(fd, to))
}

// captureNothing gives a socket a filter that no frame passes. What it has
// captured before stays.
func captureNothing(fd int) error {
	none := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0}}
	err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &none[0]})
	return os.NewSyscallError("setsockopt SO_ATTACH_FILTER", err)
}

// capture gives a socket a filter.
func capture(fd int, filter *ebpf.Program) error {
	return os.NewSyscallError("setsockopt SO_ATTACH_BPF", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ATTACH_BPF, filter.FD()))
}

// fanOut shares what is captured among sockets, by flow.
func fanOut(fds []int, flags int) error {
	if len(fds) == 1 {
		return nil
	}
	const byHash = unix.PACKET_FANOUT_HASH
	join := func(fd, group, flags int) error {
		return os.NewSyscallError("setsockopt PACKET_FANOUT", unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_FANOUT, group|(byHash|flags)<<16))
	}
	if err := join(fds[0], 0, flags|unix.PACKET_FANOUT_FLAG_UNIQUEID); err != nil {
		return err
	}
	group, err := unix.GetsockoptInt(fds[0], unix.SOL_PACKET, unix.PACKET_FANOUT)
	if err != nil {
		return os.NewSyscallError("getsockopt PACKET_FANOUT", err)
	}
	for _, fd := range fds[1:] {
		if err := join(fd, group&0xffff, flags); err != nil {
			return err
		}
	}
	return nil
}
