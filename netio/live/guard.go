package live

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"
)

// A Guard holds one interface: what arrives by it and what the host sends by it
// comes out of Read, and goes on only by Write.
type Guard struct {
	Index int
	Name  string

	in, out *tap // towards the host, towards the wire
	links   []link.Link
	progs   []*ebpf.Program
}

// NewGuard makes the TAP devices and programs for an interface. Nothing changes
// for its traffic before Attach.
func NewGuard(name string) (*Guard, error) {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	g := &Guard{Index: l.Attrs().Index, Name: name}
	if g.in, err = newTAP("nfvm-i%d", 1); err == nil {
		g.out, err = newTAP("nfvm-o%d", 1)
	}
	for _, t := range []*tap{g.in, g.out} {
		if err == nil {
			err = t.up(l.Attrs().MTU)
		}
	}
	if err == nil {
		err = errors.Join(
			g.attach(g.in.index, "nfvm_to_host", onward(g.Index, redirectIngress), ebpf.AttachTCXIngress),
			g.attach(g.out.index, "nfvm_to_wire", onward(g.Index, 0), ebpf.AttachTCXIngress))
	}
	if err != nil {
		g.Close()
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	return g, nil
}

// Attach puts the guard in force.
func (g *Guard) Attach() error {
	return errors.Join(
		g.attach(g.Index, "nfvm_from_wire", fromWire(g.in.index), ebpf.AttachTCXIngress),
		g.attach(g.Index, "nfvm_from_host", fromHost(g.out.index), ebpf.AttachTCXEgress))
}

func (g *Guard) attach(index int, name string, p asm.Instructions, at ebpf.AttachType) error {
	prog, err := load(name, p)
	if err != nil {
		return fmt.Errorf("program %s: %w", name, err)
	}
	g.progs = append(g.progs, prog)
	l, err := link.AttachTCX(link.TCXOptions{Interface: index, Program: prog, Attach: at})
	if err != nil {
		return fmt.Errorf("attaching %s: %w", name, err)
	}
	g.links = append(g.links, l)
	return nil
}

// Close gives the interface back to the host.
func (g *Guard) Close() error {
	var err error
	for i := len(g.links) - 1; i >= 0; i-- {
		err = errors.Join(err, g.links[i].Close())
	}
	for _, p := range g.progs {
		err = errors.Join(err, p.Close())
	}
	g.links, g.progs = nil, nil
	for _, t := range []*tap{g.in, g.out} {
		if t != nil {
			t.close()
		}
	}
	return err
}

