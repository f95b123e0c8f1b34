//go:build linux

package guard

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// An xdpPath receives by AF_XDP sockets, one a queue of the interface, and sends
// by them what came by such a socket. All else goes by its TAP devices: frames
// that don't fit, what the host sends, and what it is to get.
type xdpPath struct {
	*tapPath
	name    string
	note    string              // what is not as it should be
	mode    link.XDPAttachFlags // in the driver, or generic: when packets are made
	sockets []*xsk
	byQueue *ebpf.Map // the sockets by the number of the queue
	program *ebpf.Program
	link    link.Link
}

func newXDPPath(l netlink.Link, queues int, flows *Flows) (p *xdpPath, err error) {
	a := l.Attrs()
	if vlan := vlanOn(a.Index); vlan != "" {
		return nil, fmt.Errorf("the VLAN interface %s lies on it, and XDP does not see the tags that the device takes off", vlan)
	}
	can, err := xdpFeatures(a.Index)
	if err != nil {
		return nil, err
	}
	p = &xdpPath{name: a.Name, mode: link.XDPDriverMode}
	if can&(xdpBasic|xdpRedirect) != xdpBasic|xdpRedirect {
		p.mode = link.XDPGenericMode
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.tapPath, err = newTAPPath(a.Index, a.MTU, queues, false, p.mode == link.XDPGenericMode, flows); err != nil {
		return p, err
	}
	if err := p.openSockets(a.MTU); err != nil {
		return p, err
	}
	p.program, err = loadXDP("nfvm_to_sockets", toSockets(a.Index, p.byQueue, p.sockets[0].room(), flows))
	if err != nil {
		return p, fmt.Errorf("program nfvm_to_sockets: %w", err)
	}
	return p, nil
}

// openSockets opens a socket for every queue of the interface.
func (p *xdpPath) openSockets(mtu int) (err error) {
	chunk := 2048
	if mtu+maxLinkHeader > chunk-xdpHeadroom {
		chunk = 4096
	}
	n, err := rxQueues(p.name)
	if err != nil {
		return err
	}
	p.byQueue, err = ebpf.NewMap(&ebpf.MapSpec{Name: "nfvm_sockets", Type: ebpf.XSKMap, KeySize: 4, ValueSize: 4, MaxEntries: uint32(n)})
	if err != nil {
		return fmt.Errorf("map of sockets: %w", err)
	}
	for i := range n {
		x, err := newXSK(p.index, i, n, chunk)
		if errors.Is(err, errMemlock) && i > 0 {
			p.note = fmt.Sprintf("%d of %d queues go by TAP: %v", n-i, n, err)
			return nil
		}
		if err != nil {
			return err
		}
		p.sockets = append(p.sockets, x)
		if err := p.byQueue.Put(uint32(i), uint32(x.descriptor)); err != nil {
			return fmt.Errorf("map of sockets: %w", err)
		}
	}
	return nil
}

// errXDP tells that only the TAP devices are in force.
var errXDP = errors.New("XDP can't be used")

// attach has the TAP devices in force first, so that nothing passes by.
func (p *xdpPath) attach() error {
	if err := p.tapPath.attach(); err != nil {
		return err
	}
	l, err := link.AttachXDP(link.XDPOptions{Program: p.program, Interface: p.index, Flags: p.mode})
	if err != nil {
		return fmt.Errorf("%w: attaching nfvm_to_sockets: %w", errXDP, explainXDP(err))
	}
	p.link = l
	return nil
}

// explainXDP says what a driver means.
func explainXDP(err error) error {
	for _, e := range []struct {
		errno unix.Errno
		means string
	}{
		{unix.EOPNOTSUPP, "the interface's driver does not take the program"},
		{unix.EBUSY, "another XDP program is on the interface"},
		{unix.ERANGE, "the MTU of the interface or its peer is too large for XDP in its driver"},
		{unix.ENOSPC, "the interface has fewer receive queues than its peer sends by"},
	} {
		if errors.Is(err, e.errno) {
			return fmt.Errorf("%s: %w", e.means, err)
		}
	}
	return err
}

func (p *xdpPath) detach() (err error) {
	if p.link != nil {
		err = p.link.Close()
		p.link = nil
	}
	if p.tapPath != nil {
		err = errors.Join(err, p.tapPath.detach())
	}
	return err
}

func (p *xdpPath) close() (err error) {
	if p.tapPath != nil {
		err = p.tapPath.close()
	}
	if p.program != nil {
		err = errors.Join(err, p.program.Close())
	}
	if p.byQueue != nil {
		err = errors.Join(err, p.byQueue.Close())
	}
	for _, x := range p.sockets {
		x.close()
	}
	p.sockets = nil
	return err
}

func (p *xdpPath) queues() []*Queue {
	list := p.tapPath.queues()
	for i, x := range p.sockets {
		list = append(list, &Queue{Index: i, reader: x, ring: true})
	}
	return list
}

// toWire sends by a socket what came by one, so that the frames of a flow keep
// their order.
func (p *xdpPath) toWire(w *Writer, frame []byte, o Offload) error {
	x := p.sockets[w.index%len(p.sockets)]
	if !w.ring || o.GSOType != GSONone || len(frame) > x.room() {
		return p.tapPath.toWire(w, frame, o)
	}
	w.wakes(x)
	return x.send(frame, o)
}
