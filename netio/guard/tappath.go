//go:build linux

package guard

import (
	"errors"

	"github.com/cilium/ebpf"
)

// A tapPath has two TAP devices for an interface: in, towards the host, and out,
// towards the wire.
type tapPath struct {
	programs
	index   int
	observe bool
	flows   *Flows
	in, out *tap
	list    []*Queue
}

// newTAPPath makes the devices. Where XDP programs see what reaches the host once
// more, mirred lets it pass by them.
func newTAPPath(index, mtu, queues int, observe, mirred bool, flows *Flows) (p *tapPath, err error) {
	p = &tapPath{index: index, observe: observe, flows: flows}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.in, err = newTAP(tapName("i", index, observe), queues, mtu); err != nil {
		return p, err
	}
	if p.out, err = newTAP(tapName("o", index, observe), queues, mtu); err != nil {
		return p, err
	}
	for i, fd := range p.in.queues {
		p.list = append(p.list, &Queue{Index: i, reader: newTAPReader(fd, false, false)})
	}
	for i, fd := range p.out.queues {
		p.list = append(p.list, &Queue{Index: i, reader: newTAPReader(fd, true, !observe)})
	}
	toHost := onward(index, redirectIngress)
	if mirred {
		toHost = markOnly()
		if err := mirrorIngress(p.in.index, index); err != nil {
			return p, err
		}
	}
	return p, errors.Join(
		p.tcx(&p.onward, p.in.index, "nfvm_to_host", toHost, ebpf.AttachTCXIngress),
		p.tcx(&p.onward, p.out.index, "nfvm_to_wire", onward(index, 0), ebpf.AttachTCXIngress))
}

func (p *tapPath) attach() error {
	wire, host := fromWire(p.index, p.in.index, p.flows), fromHost(p.out.index)
	if p.observe {
		wire, host = copyFromWire(p.in.index), copyFromHost(p.out.index)
	}
	return errors.Join(
		p.tcx(&p.taking, p.index, "nfvm_from_wire", wire, ebpf.AttachTCXIngress),
		p.tcx(&p.taking, p.index, "nfvm_from_host", host, ebpf.AttachTCXEgress))
}

func (p *tapPath) devices() []int { return []int{p.in.index, p.out.index} }

func (p *tapPath) setMTU(mtu int) error { return errors.Join(p.in.setMTU(mtu), p.out.setMTU(mtu)) }

func (p *tapPath) queues() []*Queue { return p.list }

func (p *tapPath) toHost(w *Writer, frame []byte, o Offload) error {
	return w.write(p.in.queue(w.index), frame, o)
}

func (p *tapPath) toWire(w *Writer, frame []byte, o Offload) error {
	return w.write(p.out.queue(w.index), frame, o)
}

func (p *tapPath) close() error {
	err := p.programs.close()
	for _, t := range []*tap{p.in, p.out} {
		if t != nil {
			t.close()
		}
	}
	return err
}
