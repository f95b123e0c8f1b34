//go:build linux

package guard

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// A Config says how to hold an interface.
type Config struct {
	Name   string
	Driver Driver
	// Observe takes copies of frames that go on by themselves.
	Observe bool
	// Queues is into how many queues each direction is spread at most, by flow; at
	// least 1.
	Queues int
	// Flows are passed on to other interfaces right away; nil for none. They stay
	// open until the guard is closed.
	Flows *Flows
}

// A Guard holds one interface: what arrives by it and what the host sends by it
// comes out of its queues, and goes on only if it is written.
type Guard struct {
	Config
	Index int
	// MTU is the interface's, in bytes, when the guard was made.
	MTU int
	// Why says what made Driver the one, or what is not as it should be; it may
	// be empty.
	Why string

	auto bool
	path path
	lock int // a descriptor, -1 for none
}

// A path is what a driver does for one interface.
type path interface {
	// attach puts it in force, detach ends that: what was taken before can still
	// be read and written. close gives everything back.
	attach() error
	detach() error
	close() error
	queues() []*Queue
	missed() uint64
	// devices are the indices of the devices that it has made, setMTU makes them
	// pass frames of another size.
	devices() []int
	setMTU(mtu int) error
	toHost(w *Writer, frame []byte, o Offload) error
	toWire(w *Writer, frame []byte, o Offload) error
}

// NewGuard makes ready to hold an interface. Nothing changes for its traffic
// before Attach.
func NewGuard(c Config) (*Guard, error) {
	l, err := netlink.LinkByName(c.Name)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", c.Name, err)
	}
	if err := suitable(l); err != nil {
		return nil, fmt.Errorf("interface %s: %w", c.Name, err)
	}
	g := &Guard{Config: c, Index: l.Attrs().Index, MTU: l.Attrs().MTU, lock: -1}
	g.Queues = max(c.Queues, 1)
	if !c.Observe {
		if g.lock, err = lock(g.Index); err != nil {
			return nil, fmt.Errorf("interface %s: %w", c.Name, err)
		}
	}
	if g.path, err = g.open(l); err != nil {
		return nil, errors.Join(fmt.Errorf("interface %s: driver %v: %w", c.Name, g.Driver, err), g.unlock())
	}
	return g, nil
}

// List gives the queues where the frames come out.
func (g *Guard) List() []*Queue {
	list := g.path.queues()
	for _, q := range list {
		q.Guard = g
	}
	return list
}

// Devices gives the indices of the interface and of all devices that the guard
// needs besides.
func (g *Guard) Devices() []int { return append(g.path.devices(), g.Index) }

// SetMTU tells the guard that the interface has another MTU.
func (g *Guard) SetMTU(mtu int) error { return g.path.setMTU(mtu) }

// Attach puts the guard in force.
func (g *Guard) Attach() error {
	err := g.path.attach()
	if g.auto && errors.Is(err, errXDP) {
		g.Driver, g.Why = TAP, err.Error()
		return nil
	}
	if err != nil {
		return fmt.Errorf("interface %s: driver %v: %w", g.Name, g.Driver, err)
	}
	return nil
}

// Detach gives the interface back to the host. Frames that were taken before are
// still there to be read, and can be written.
func (g *Guard) Detach() error { return g.path.detach() }

// Close ends the guard. Nobody may be reading or writing any more.
func (g *Guard) Close() error {
	return errors.Join(g.path.detach(), g.path.close(), g.unlock())
}

func (g *Guard) unlock() error {
	if g.lock < 0 {
		return nil
	}
	fd := g.lock
	g.lock = -1
	return unix.Close(fd)
}
