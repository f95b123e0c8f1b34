//go:build linux

package guard

import "fmt"

// A Driver is a way to take frames from an interface and to put them back.
type Driver int

// The drivers. Auto is one of the others, chosen for each interface.
const (
	Auto Driver = iota
	// TAP turns frames to TAP devices of ours. They keep their offloads.
	TAP
	// XDP takes frames before the kernel makes packets of them, one by one, into
	// memory that we share with it. What it can't take goes by TAP.
	XDP
	// AFPacket captures frames by packet sockets on the interface itself, and has
	// the kernel drop what it captured. It needs no /dev/net/tun.
	AFPacket
)

var drivers = []string{Auto: "auto", TAP: "tap", XDP: "xdp", AFPacket: "afpacket"}

// String is the name of the driver as on the command line.
func (d Driver) String() string { return drivers[d] }

// ParseDriver reads the name of a driver.
func ParseDriver(s string) (Driver, error) {
	for d, name := range drivers {
		if s == name {
			return Driver(d), nil
		}
	}
	return 0, fmt.Errorf("there is no driver %q, but auto, tap, xdp and afpacket", s)
}
