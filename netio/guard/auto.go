//go:build linux

package guard

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vishvananda/netlink"
)

// open makes the path of the driver that was asked for.
func (g *Guard) open(l netlink.Link) (path, error) {
	if g.Driver == Auto {
		g.auto = true
		return g.choose(l)
	}
	g.Why = "asked for"
	return g.openBy(g.Driver, l)
}

func (g *Guard) openBy(d Driver, l netlink.Link) (path, error) {
	g.Driver = d
	mtu := l.Attrs().MTU
	switch {
	case d == XDP && g.Observe:
		return nil, errors.New("it takes frames away and can't observe; tap and afpacket can")
	case d == XDP:
		p, err := newXDPPath(l, g.Queues, g.Flows)
		if err == nil && p.note != "" {
			g.Why = strings.TrimPrefix(g.Why+"; "+p.note, "; ")
		}
		return p, err
	case d == AFPacket:
		return newAFPacketPath(g.Index, mtu, g.Queues, g.Observe, g.Flows)
	}
	return newTAPPath(g.Index, mtu, g.Queues, g.Observe, false, g.Flows)
}

// choose finds the driver that is fastest for an interface. A device that
// receives right into our memory is best used so. All others make packets first:
// then what counts is that TCP moves in pieces of 64 KiB, which TAP keeps whole
// and XDP does not. Where there are no TAP devices packet sockets do the same.
func (g *Guard) choose(l netlink.Link) (path, error) {
	const tapWhy = "frames keep their offloads; its driver does not receive into AF_XDP memory"
	can, err := xdpFeatures(g.Index)
	switch g.Why = tapWhy; {
	case err != nil:
		g.Why = fmt.Sprintf("frames keep their offloads; no AF_XDP: %v", err)
	case can&xdpZeroCopy != 0 && !g.Observe:
		g.Why = ""
		p, err := g.openBy(XDP, l)
		if err == nil {
			g.Why = strings.TrimPrefix(g.Why+"; its driver receives into AF_XDP memory", "; ")
			return p, nil
		}
		g.Why = fmt.Sprintf("frames keep their offloads; no AF_XDP: %v", err)
	}
	p, tapErr := g.openBy(TAP, l)
	if tapErr == nil {
		return p, nil
	}
	p, err = g.openBy(AFPacket, l)
	if err == nil {
		g.Why = fmt.Sprintf("no TAP devices: %v", tapErr)
		return p, nil
	}
	return nil, errors.Join(tapErr, err)
}
