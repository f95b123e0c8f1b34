//go:build linux

package guard

import (
	"fmt"
	"slices"

	"github.com/vishvananda/netlink"
)

// owners are the kinds of devices that take the frames of their ports before the
// host has them.
var owners = []string{"bridge", "bond", "team", "openvswitch"}

// suitable tells why frames of an interface can't be filtered as those of a host's
// own.
func suitable(l netlink.Link) error {
	a := l.Attrs()
	if a.EncapType != "ether" {
		return fmt.Errorf("it is not an Ethernet device, but of type %s", a.EncapType)
	}
	if a.MasterIndex == 0 {
		return nil
	}
	master, err := netlink.LinkByIndex(a.MasterIndex)
	if err != nil {
		return fmt.Errorf("its master: %w", err)
	}
	if kind := master.Type(); slices.Contains(owners, kind) {
		return fmt.Errorf("it is a port of the %s %s, which can be guarded instead", kind, master.Attrs().Name)
	}
	return nil
}
