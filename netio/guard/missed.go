//go:build linux

package guard

import (
	"slices"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Missed is how many frames the kernel had to throw away because they were not
// read in time.
func (g *Guard) Missed() uint64 { return g.path.missed() }

func (p *tapPath) missed() uint64 { return p.in.missed() + p.out.missed() }

func (p *xdpPath) missed() uint64 {
	n := p.tapPath.missed()
	for _, x := range p.sockets {
		n += x.missed()
	}
	return n
}

func (t *tap) missed() uint64 {
	l, err := netlink.LinkByIndex(t.index)
	if err != nil || l.Attrs().Statistics == nil {
		return 0
	}
	return l.Attrs().Statistics.TxDropped
}

func (x *xsk) missed() uint64 {
	var s unix.XDPStatistics
	size := uint32(unsafe.Sizeof(s))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(x.descriptor), unix.SOL_XDP, unix.XDP_STATISTICS,
		uintptr(unsafe.Pointer(&s)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0
	}
	return s.Rx_dropped + s.Rx_ring_full
}

// missed sums up what the sockets count: each time they are asked they begin
// anew.
func (p *afPacketPath) missed() uint64 {
	for _, fd := range slices.Concat(p.wire, p.host) {
		if s, err := unix.GetsockoptTpacketStats(fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			p.dropped.Add(uint64(s.Drops))
		}
	}
	return p.dropped.Load()
}
