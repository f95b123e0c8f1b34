//go:build linux

package guard

import (
	"errors"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// A Guard holds one interface: what arrives by it and what the host sends by it
// comes out of its queues, and goes on only if it is written. An observing guard
// gives copies of frames that go on by themselves.
type Guard struct {
	Index   int
	Name    string
	Observe bool

	in, out *tap // towards the host, towards the wire
	stop    int  // an eventfd that ends Read
	// onward are the links of the TAP devices' programs, taking those of the
	// interface's own.
	onward, taking []link.Link
	progs          []*ebpf.Program
}

// NewGuard makes the TAP devices and programs for an interface. Nothing changes
// for its traffic before Attach.
func NewGuard(name string, observe bool) (*Guard, error) {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	g := &Guard{Index: l.Attrs().Index, Name: name, Observe: observe, stop: -1}
	if err := g.open(l.Attrs().MTU); err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, errors.Join(err, g.Close()))
	}
	return g, nil
}

func (g *Guard) open(mtu int) (err error) {
	if g.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return os.NewSyscallError("eventfd", err)
	}
	if g.in, err = newTAP("nfvm-i%d", 1, mtu); err != nil {
		return err
	}
	if g.out, err = newTAP("nfvm-o%d", 1, mtu); err != nil {
		return err
	}
	return errors.Join(
		g.attach(&g.onward, g.in.index, "nfvm_to_host", onward(g.Index, redirectIngress), ebpf.AttachTCXIngress),
		g.attach(&g.onward, g.out.index, "nfvm_to_wire", onward(g.Index, 0), ebpf.AttachTCXIngress))
}

// Queues are where the frames come out.
func (g *Guard) Queues() []*Queue {
	var list []*Queue
	for _, fd := range g.in.queues {
		list = append(list, newQueue(fd, g.stop, false, false))
	}
	for _, fd := range g.out.queues {
		list = append(list, newQueue(fd, g.stop, true, !g.Observe))
	}
	return list
}

// Attach puts the guard in force.
func (g *Guard) Attach() error {
	if g.Observe {
		return errors.Join(
			g.attach(&g.taking, g.Index, "nfvm_from_wire", copyFromWire(g.in.index), ebpf.AttachTCXIngress),
			g.attach(&g.taking, g.Index, "nfvm_from_host", copyFromHost(g.out.index), ebpf.AttachTCXEgress))
	}
	return errors.Join(
		g.attach(&g.taking, g.Index, "nfvm_from_wire", fromWire(g.in.index), ebpf.AttachTCXIngress),
		g.attach(&g.taking, g.Index, "nfvm_from_host", fromHost(g.out.index), ebpf.AttachTCXEgress))
}

func (g *Guard) attach(list *[]link.Link, index int, name string, p asm.Instructions, at ebpf.AttachType) error {
	prog, err := load(name, p)
	if err != nil {
		return fmt.Errorf("program %s: %w", name, err)
	}
	g.progs = append(g.progs, prog)
	l, err := link.AttachTCX(link.TCXOptions{Interface: index, Program: prog, Attach: at})
	if err != nil {
		return fmt.Errorf("attaching %s: %w", name, err)
	}
	*list = append(*list, l)
	return nil
}

// Detach gives the interface back to the host. Frames that were taken before are
// still there to be read, and can be written; when they are read, Read ends.
func (g *Guard) Detach() error {
	err := closeAll(&g.taking)
	_, werr := unix.Write(g.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	return errors.Join(err, os.NewSyscallError("write", werr))
}

// Close ends the guard. Nobody may be reading or writing any more.
func (g *Guard) Close() error {
	err := errors.Join(closeAll(&g.taking), closeAll(&g.onward))
	for _, p := range g.progs {
		err = errors.Join(err, p.Close())
	}
	g.progs = nil
	for _, t := range []*tap{g.in, g.out} {
		if t != nil {
			t.close()
		}
	}
	if g.stop >= 0 {
		unix.Close(g.stop)
	}
	return err
}

func closeAll(links *[]link.Link) (err error) {
	for _, l := range *links {
		err = errors.Join(err, l.Close())
	}
	*links = nil
	return err
}
