//go:build linux

package guard

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// A tap is one TAP device: its queues and its index.
type tap struct {
	name   string
	index  int
	queues []int // file descriptors
}

// What we take as the kernel has it: checksums not summed yet, TCP and UDP not
// yet cut into segments (TUN_F_ of linux/if_tun.h).
const (
	tunCsum   = 1 << 0
	tunTSO4   = 1 << 1
	tunTSO6   = 1 << 2
	tunTSOECN = 1 << 3
	tunUSO4   = 1 << 5
	tunUSO6   = 1 << 6
)

// maxMTU is the largest MTU of a TAP device, in bytes.
const maxMTU = 65521

// tapName is the name of an interface's device. A guard's is the interface's own,
// so that there can't be two guards; of observers there may be several.
func tapName(direction string, index int, observe bool) string {
	if observe {
		return "nfvm-o" + direction + "%d"
	}
	return fmt.Sprintf("nfvm-%s%d", direction, index)
}

// newTAP makes a device that goes away with the last descriptor. A "%d" in its
// name stands for the next free number.
func newTAP(name string, queues, mtu int) (*tap, error) {
	t := &tap{name: name}
	for range queues {
		fd, err := t.open()
		if err != nil {
			t.close()
			return nil, fmt.Errorf("TAP device: %w", err)
		}
		t.queues = append(t.queues, fd)
	}
	if err := t.up(mtu); err != nil {
		t.close()
		return nil, fmt.Errorf("TAP device %s: %w", t.name, err)
	}
	return t, nil
}

// open adds a queue; the first makes the device, which must be new, and learns
// its name.
func (t *tap) open() (int, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return 0, &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err}
	}
	req, err := unix.NewIfreq(t.name)
	if err == nil {
		flags := uint16(unix.IFF_TAP | unix.IFF_NO_PI | unix.IFF_VNET_HDR | unix.IFF_MULTI_QUEUE)
		if len(t.queues) == 0 {
			flags |= unix.IFF_TUN_EXCL
		}
		req.SetUint16(flags)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, req)
	}
	if err == nil {
		t.name = req.Name()
		err = setOffloads(fd)
	}
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TUNSETVNETHDRSZ, int(unsafe.Sizeof(Offload{})))
	}
	if err != nil {
		unix.Close(fd)
		return 0, err
	}
	return fd, nil
}

// setOffloads asks for all; kernels before 6.2 know no UDP segmentation.
func setOffloads(fd int) error {
	const tcp = tunCsum | tunTSO4 | tunTSO6 | tunTSOECN
	if unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, tcp|tunUSO4|tunUSO6) == nil {
		return nil
	}
	return unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, tcp)
}

// queue is the descriptor of the i-th queue.
func (t *tap) queue(i int) int { return t.queues[i%len(t.queues)] }

func (t *tap) close() {
	for _, fd := range t.queues {
		unix.Close(fd)
	}
	t.queues = nil
}

// up makes the device pass frames, and only ours: the host has no address on
// it, asks for no neighbours and announces nothing.
func (t *tap) up(mtu int) error {
	l, err := netlink.LinkByName(t.name)
	if err != nil {
		return err
	}
	t.index = l.Attrs().Index
	return errors.Join(
		netlink.LinkSetIP6AddrGenMode(l, nl.IN6_ADDR_GEN_MODE_NONE),
		netlink.LinkSetARPOff(l),
		t.setMTU(mtu),
		netlink.LinkSetTxQLen(l, 4096),
		netlink.LinkSetUp(l))
}

// setMTU lets the device pass frames of an interface with this MTU.
func (t *tap) setMTU(mtu int) error {
	l, err := netlink.LinkByIndex(t.index)
	if err != nil {
		return err
	}
	return netlink.LinkSetMTU(l, min(mtu+metaSize, maxMTU))
}
