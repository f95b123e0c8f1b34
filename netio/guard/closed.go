//go:build linux

package guard

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// closedName is the name of the filters that keep an interface closed, closedPrio
// their place behind every other filter.
const (
	closedName = "nfvm_closed"
	closedPrio = 0xffff
)

var closedParents = []uint32{netlink.HANDLE_MIN_INGRESS, netlink.HANDLE_MIN_EGRESS}

// Shut makes an interface pass nothing when no guard is in force, however the
// last one ends: behind the guard's own programs, which the process holds, lie tc
// filters that drop every frame and stay. While the programs are there the filters
// are never reached. Release takes them away.
func Shut(name string) error {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("interface %s: %w", name, err)
	}
	prog, err := load(closedName, verdict("closed", tcxDrop))
	if err != nil {
		return fmt.Errorf("program %s: %w", closedName, err)
	}
	defer prog.Close() // the filters hold it
	if err := addClsact(l); err != nil {
		return fmt.Errorf("interface %s: clsact: %w", name, err)
	}
	for _, parent := range closedParents {
		f := closedFilter(l, parent)
		f.Fd, f.Name, f.DirectAction = prog.FD(), closedName, true
		if err := netlink.FilterReplace(f); err != nil {
			return fmt.Errorf("interface %s: tc filter: %w", name, err)
		}
	}
	return nil
}

// Release takes away what Shut has put on an interface, now or in the life
// of a process before.
// It reports whether there was anything.
func Release(name string) (released bool, err error) {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return false, fmt.Errorf("interface %s: %w", name, err)
	}
	for _, parent := range closedParents {
		list, err := netlink.FilterList(l, parent)
		if err != nil {
			continue // there is no clsact
		}
		for _, f := range list {
			if b, ok := f.(*netlink.BpfFilter); ok && b.Name == closedName {
				if err := netlink.FilterDel(closedFilter(l, parent)); err != nil {
					return released, err
				}
				released = true
			}
		}
	}
	return released, nil
}

// Guarded reports whether a process guards an interface.
func Guarded(name string) bool {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return false
	}
	fd, err := lock(l.Attrs().Index)
	if err == nil {
		unix.Close(fd)
	}
	return errors.Is(err, errGuarded)
}

func addClsact(l netlink.Link) error {
	err := netlink.QdiscAdd(&netlink.GenericQdisc{
		QdiscAttrs: netlink.QdiscAttrs{LinkIndex: l.Attrs().Index, Handle: netlink.MakeHandle(0xffff, 0), Parent: netlink.HANDLE_CLSACT},
		QdiscType:  "clsact",
	})
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

func closedFilter(l netlink.Link, parent uint32) *netlink.BpfFilter {
	return &netlink.BpfFilter{FilterAttrs: netlink.FilterAttrs{
		LinkIndex: l.Attrs().Index, Parent: parent, Handle: 1, Protocol: unix.ETH_P_ALL, Priority: closedPrio,
	}}
}
