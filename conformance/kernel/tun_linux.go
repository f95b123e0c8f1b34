package kernel

import (
	"fmt"

	"golang.org/x/sys/unix"

	"nfvm/conformance"
	"nfvm/conformance/notation"
)

// device is a TUN or TAP device, seen from the wire.
type device struct {
	link conformance.Link
	fd   int
	buf  []byte
	own  map[string]bool // Ethernet addresses of the host
}

func openDevice(link conformance.Link) (*device, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	ifr, err := unix.NewIfreq(link.Name)
	if err != nil {
		return nil, fmt.Errorf("interface name %q: %w", link.Name, err)
	}
	kind := uint16(unix.IFF_TUN)
	if link.Ether != "" {
		kind = unix.IFF_TAP
	}
	ifr.SetUint16(kind | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr); err != nil {
		return nil, fmt.Errorf("device %s: %w", link.Name, err)
	}
	// A device that persists goes with its namespace, in the background: nobody
	// has to wait for that when the descriptor is closed.
	if err := unix.IoctlSetInt(fd, unix.TUNSETPERSIST, 1); err != nil {
		return nil, fmt.Errorf("device %s: %w", link.Name, err)
	}
	return &device{link: link, fd: fd, buf: make([]byte, 1<<17)}, nil
}

// send lets a frame arrive. The kernel refuses what is no IP packet at all;
// for a TUN device that counts as dropped.
func (d *device) send(b []byte) {
	_, _ = unix.Write(d.fd, b)
}

// receive returns the frames that have left by the device, without those the
// host sends on its own account; its ARP only if that was asked for.
func (d *device) receive(arp bool) [][]byte {
	var out [][]byte
	for {
		n, err := unix.Read(d.fd, d.buf)
		if err != nil || n <= 0 {
			return out
		}
		if b := append([]byte{}, d.buf[:n]...); !d.chatter(b, arp) {
			out = append(out, b)
		}
	}
}

// chatter recognises ARP, neighbour and router discovery and multicast reports.
func (d *device) chatter(b []byte, arp bool) bool {
	if d.link.Ether != "" {
		if len(b) < 14 || b[12] == 0x08 && b[13] == 0x06 && d.own[string(b[6:12])] && !arp {
			return true
		}
		b = b[14:]
	}
	if len(b) < 48 || b[0]>>4 != 6 {
		return false
	}
	next, l4 := b[6], b[40:]
	if next == 0 && len(l4) > 8 {
		next, l4 = l4[0], l4[8:]
	}
	own := b[7] == 255 || b[7] == 1 // hop limits of what was not forwarded
	return own && next == unix.IPPROTO_ICMPV6 && (l4[0] >= 133 && l4[0] <= 136 || l4[0] == 143)
}

func (d *device) text(b []byte) string {
	if d.link.Ether != "" {
		return notation.FormatEther(b)
	}
	return notation.Format(b)
}
