//go:build linux

package guard

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"

	"nfvm/packet"
)

// An afPacketPath captures frames by packet sockets on the interface itself and
// sends by two others. It needs no device of its own: what the host sends turns
// to the interface's ingress to be captured, and so does what it is to get.
type afPacketPath struct {
	programs
	index              int
	mtu                atomic.Int64
	observe            bool
	flows              *Flows
	wire, host         []int // descriptors of the sockets that capture
	toHostFD, toWireFD int
	dropped            atomic.Uint64 // frames that found a socket full
	list               []*Queue
}

func newAFPacketPath(index, mtu, queues int, observe bool, flows *Flows) (p *afPacketPath, err error) {
	p = &afPacketPath{index: index, observe: observe, flows: flows, toHostFD: -1, toWireFD: -1}
	p.mtu.Store(int64(mtu))
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.toHostFD, err = newPacketSocket(index, false); err != nil {
		return p, err
	}
	if p.toWireFD, err = newPacketSocket(index, false); err != nil {
		return p, err
	}
	if p.wire, err = p.group(queues, unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING); err != nil {
		return p, err
	}
	if p.host, err = p.group(queues, 0); err != nil {
		return p, err
	}
	for i := range queues {
		p.list = append(p.list,
			&Queue{Index: i, reader: newPacketReader(p.wire[i], false, false)},
			&Queue{Index: i, reader: newPacketReader(p.host[i], true, !observe)})
	}
	return p, nil
}

// group opens the sockets that share what they capture.
func (p *afPacketPath) group(queues, flags int) (list []int, err error) {
	for range queues {
		fd, err := newPacketSocket(p.index, true)
		if err != nil {
			return list, err
		}
		list = append(list, fd)
	}
	return list, fanOut(list, flags)
}

// attach has the programs in force before anything is captured: a frame may be
// lost then, but none is there twice.
func (p *afPacketPath) attach() error {
	wire, host := captureWire(p.index, p.flows), captureHost()
	if p.observe {
		wire, host = observeWire(), observeHost()
	} else if err := p.attachPrograms(); err != nil {
		return err
	}
	return errors.Join(p.filter("nfvm_wire", wire, p.wire), p.filter("nfvm_host", host, p.host))
}

func (p *afPacketPath) attachPrograms() error {
	toHost, err := cookie(p.toHostFD)
	if err != nil {
		return err
	}
	toWire, err := cookie(p.toWireFD)
	if err != nil {
		return err
	}
	return errors.Join(
		p.tcx(&p.taking, p.index, "nfvm_captured", dropCaptured(p.index, p.flows), ebpf.AttachTCXIngress),
		p.tcx(&p.taking, p.index, "nfvm_turn_back", turnBack(p.index, toHost, toWire), ebpf.AttachTCXEgress))
}

// filter has sockets capture what passes a filter.
func (p *afPacketPath) filter(name string, filter asm.Instructions, fds []int) error {
	prog, err := loadFilter(name, filter)
	if err != nil {
		return fmt.Errorf("program %s: %w", name, err)
	}
	p.loaded = append(p.loaded, prog)
	for _, fd := range fds {
		if err := capture(fd, prog); err != nil {
			return err
		}
	}
	return nil
}

// cookie is the number by which programs know a socket.
func cookie(fd int) (uint64, error) {
	c, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE)
	return c, os.NewSyscallError("getsockopt SO_COOKIE", err)
}

func (p *afPacketPath) detach() (err error) {
	for _, fd := range slices.Concat(p.wire, p.host) {
		err = errors.Join(err, captureNothing(fd))
	}
	return errors.Join(err, p.programs.detach())
}

func (p *afPacketPath) close() error {
	err := p.programs.close()
	for _, fd := range append(slices.Concat(p.wire, p.host), p.toHostFD, p.toWireFD) {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	p.wire, p.host, p.toHostFD, p.toWireFD = nil, nil, -1, -1
	return err
}

func (p *afPacketPath) queues() []*Queue { return p.list }

func (p *afPacketPath) devices() []int { return nil }

func (p *afPacketPath) setMTU(mtu int) error {
	p.mtu.Store(int64(mtu))
	return nil
}

func (p *afPacketPath) toWire(w *Writer, frame []byte, o Offload) error {
	return w.post(p.toWireFD, frame, o)
}

// toHost sends by the interface, so what was put together of fragments is too
// long and is taken apart again.
func (p *afPacketPath) toHost(w *Writer, frame []byte, o Offload) error {
	mtu := int(p.mtu.Load())
	if o.GSOType != GSONone || len(frame) <= mtu+etherSize {
		return w.post(p.toHostFD, frame, o)
	}
	o.sum(frame)
	return w.split(frame, mtu, func(part []byte) error {
		if err := w.post(p.toHostFD, part, Offload{}); err != nil {
			return err
		}
		w.lost += w.batch.send() // before the part is overwritten
		return nil
	})
}

const etherSize = 14

// split cuts a frame into fragments.
func (w *Writer) split(frame []byte, mtu int, emit func([]byte) error) (err error) {
	var p packet.Packet
	p.Reset(frame, true)
	if r := p.ParseEther(); r != packet.OK {
		return fmt.Errorf("a frame for the host: %v", r)
	}
	if r := p.CheckIP(); r != packet.OK {
		return fmt.Errorf("a frame for the host: %v", r)
	}
	p.MaxFrag = mtu
	w.fragments++
	r := w.fragmenter.Split(&p, mtu, w.fragments, func(ip []byte) bool {
		w.part = append(append(w.part[:0], frame[:etherSize]...), ip...)
		err = errors.Join(err, emit(w.part))
		return true
	})
	if r != packet.SplitDone {
		return unix.EMSGSIZE
	}
	return err
}
