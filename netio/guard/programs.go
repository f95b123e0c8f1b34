//go:build linux

package guard

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
)

// programs are those of a path, and the links that keep them in force.
type programs struct {
	loaded []*ebpf.Program
	// onward are the links that stay until the path is closed, taking those of the
	// interface's own, which take frames from it.
	onward, taking []link.Link
}

// tcx attaches a program to a device's traffic control.
func (p *programs) tcx(list *[]link.Link, index int, name string, prog asm.Instructions, at ebpf.AttachType) error {
	loaded, err := load(name, prog)
	if err != nil {
		return fmt.Errorf("program %s: %w", name, err)
	}
	p.loaded = append(p.loaded, loaded)
	l, err := link.AttachTCX(link.TCXOptions{Interface: index, Program: loaded, Attach: at})
	if errors.Is(err, ebpf.ErrNotSupported) {
		return fmt.Errorf("attaching %s: the kernel has no tcx, which Linux 6.6 brought: %w", name, err)
	}
	if err != nil {
		return fmt.Errorf("attaching %s: %w", name, err)
	}
	*list = append(*list, l)
	return nil
}

func (p *programs) detach() error { return closeAll(&p.taking) }

func (p *programs) close() error {
	err := errors.Join(closeAll(&p.taking), closeAll(&p.onward))
	for _, prog := range p.loaded {
		err = errors.Join(err, prog.Close())
	}
	p.loaded = nil
	return err
}

func closeAll(links *[]link.Link) (err error) {
	for _, l := range *links {
		err = errors.Join(err, l.Close())
	}
	*links = nil
	return err
}
