//go:build linux

package guard

import (
	"encoding/binary"
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// errGuarded tells that there can't be two guards of an interface.
var errGuarded = errors.New("another process guards the interface")

// lockType is the EtherType (IEEE 802, local experimental 2) of frames that a lock
// would capture if it had no filter.
const lockType = 0x88b6

// lock holds an interface for one process, however that ends and by whatever
// driver it guards: a packet socket, which not everybody may open, in a group of
// the interface's own that has room for one (struct fanout_args of
// linux/if_packet.h).
func lock(index int) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, os.NewSyscallError("packet socket", err)
	}
	if err = captureNothing(fd); err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: index, Protocol: wire16(lockType)})
	}
	if err == nil {
		var args []byte
		args = binary.NativeEndian.AppendUint16(args, uint16(index))
		args = binary.NativeEndian.AppendUint16(args, unix.PACKET_FANOUT_HASH)
		args = binary.NativeEndian.AppendUint32(args, 1) // member at most
		err = unix.SetsockoptString(fd, unix.SOL_PACKET, unix.PACKET_FANOUT, string(args))
	}
	switch {
	case err == nil, errors.Is(err, unix.EINVAL): // the number is a group's of somebody else
		return fd, nil
	case errors.Is(err, unix.ENOSPC):
		err = errGuarded
	}
	unix.Close(fd)
	return -1, err
}
