//go:build linux

package guard

import "github.com/vishvananda/netlink"

// open makes the path of the driver that was asked for.
func (g *Guard) open(l netlink.Link) (path, error) {
	if g.Driver == XDP {
		return newXDPPath(l, g.Queues)
	}
	g.Driver = TAP
	return newTAPPath(g.Index, l.Attrs().MTU, g.Queues, g.Observe)
}
