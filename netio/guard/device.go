//go:build linux

package guard

import (
	"os"
	"runtime"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// maxLinkHeader is the length in bytes of an Ethernet header with a VLAN tag.
const maxLinkHeader = 18

// ethtoolChannels is struct ethtool_channels of linux/ethtool.h.
type ethtoolChannels struct {
	cmd                                         uint32
	maxRx, maxTx, maxOther, maxCombined         uint32
	rxCount, txCount, otherCount, combinedCount uint32
}

// rxQueues is by how many queues an interface receives.
func rxQueues(name string) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	ask := ethtoolChannels{cmd: unix.ETHTOOL_GCHANNELS}
	var req struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [16]byte
	}
	copy(req.name[:unix.IFNAMSIZ-1], name)
	req.data = unsafe.Pointer(&ask)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&req)))
	runtime.KeepAlive(&ask)
	if errno != 0 { // a driver that knows nothing of channels has one queue
		return 1, nil
	}
	return int(max(ask.rxCount, ask.combinedCount, 1)), nil
}

// vlanOn names a VLAN interface that lies on the interface, "" if there is none.
func vlanOn(index int) string {
	links, err := netlink.LinkList()
	if err != nil {
		return ""
	}
	for _, l := range links {
		if a := l.Attrs(); l.Type() == "vlan" && a.ParentIndex == index {
			return a.Name
		}
	}
	return ""
}
