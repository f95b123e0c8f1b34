//go:build linux

package guard

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
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

// Bits of what drivers can do with XDP (enum netdev_xdp_act of linux/netdev.h).
const (
	xdpBasic    = 1 << 0
	xdpRedirect = 1 << 1
	xdpZeroCopy = 1 << 3
)

// xdpFeatures asks what an interface's driver can do with XDP (the generic netlink
// family netdev, Linux 6.3).
func xdpFeatures(index int) (uint64, error) {
	const (
		devGet       = 1 // NETDEV_CMD_DEV_GET
		attrIndex    = 1 // NETDEV_A_DEV_IFINDEX
		attrFeatures = 3 // NETDEV_A_DEV_XDP_FEATURES
	)
	family, err := netlink.GenlFamilyGet("netdev")
	if err != nil {
		return 0, fmt.Errorf("generic netlink family netdev: %w", err)
	}
	req := nl.NewNetlinkRequest(int(family.ID), 0)
	req.AddData(genlHeader{devGet, 1})
	req.AddData(nl.NewRtAttr(attrIndex, nl.Uint32Attr(uint32(index))))
	answers, err := req.Execute(unix.NETLINK_GENERIC, 0)
	if err != nil {
		return 0, fmt.Errorf("what XDP can do: %w", err)
	}
	for _, a := range answers {
		attrs, err := nl.ParseRouteAttr(a[nl.SizeofGenlmsg:])
		if err != nil {
			return 0, fmt.Errorf("what XDP can do: %w", err)
		}
		for _, attr := range attrs {
			if attr.Attr.Type == attrFeatures && len(attr.Value) >= 8 {
				return binary.NativeEndian.Uint64(attr.Value), nil
			}
		}
	}
	return 0, nil
}

// A genlHeader is struct genlmsghdr of linux/genetlink.h: command, version, and two
// bytes that must be 0.
type genlHeader [4]byte

// Len is the header's length in bytes.
func (h genlHeader) Len() int { return len(h) }

// Serialize is the header as it is sent.
func (h genlHeader) Serialize() []byte { return h[:] }

// mirrorIngress has a device's incoming frames arrive on another. Unlike what a
// program redirects, they do not pass the other's generic XDP program.
func mirrorIngress(from, to int) error {
	l, err := netlink.LinkByIndex(from)
	if err != nil {
		return err
	}
	if err := addClsact(l); err != nil {
		return fmt.Errorf("clsact: %w", err)
	}
	action := netlink.NewMirredAction(to)
	action.MirredAction = netlink.TCA_INGRESS_REDIR
	err = netlink.FilterAdd(&netlink.U32{ // without a selector it matches all
		FilterAttrs: netlink.FilterAttrs{LinkIndex: from, Parent: netlink.HANDLE_MIN_INGRESS, Protocol: unix.ETH_P_ALL, Priority: 1},
		Actions:     []netlink.Action{action},
	})
	if err != nil {
		return fmt.Errorf("tc action mirred: %w", err)
	}
	return nil
}
