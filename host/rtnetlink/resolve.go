//go:build linux

package rtnetlink

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Resolve asks the kernel to find out the link-layer address of a neighbour, or
// to confirm the one it knows, as a packet of the host's own would. Follow tells
// the outcome. An entry that needs no confirmation stays as it is.
func (c *Conn) Resolve(index int, a netip.Addr) error {
	a = a.Unmap()
	if !a.IsValid() {
		return errors.New("resolve neighbour: no address")
	}
	if err := c.resolve(index, a); err != nil {
		return fmt.Errorf("resolve neighbour %s on interface %d: %w", a, index, err)
	}
	return nil
}

func (c *Conn) resolve(index int, a netip.Addr) error {
	request := neighbourRequest(index, a)
	known, err := c.lookup(request)
	if err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	// Using an entry takes the mark of permanence from it.
	if known.state&(unix.NUD_PERMANENT|unix.NUD_NOARP) != 0 {
		return nil
	}
	request[10] = unix.NTF_USE
	return c.ask(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_ACK, request, func([]byte) {})
}

// neighbourRequest is a struct ndmsg with the neighbour's address.
func neighbourRequest(index int, a netip.Addr) []byte {
	b := make([]byte, sizeofNdMsg)
	b[0] = unix.AF_INET6
	if a.Is4() {
		b[0] = unix.AF_INET
	}
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	return append(b, rtAttr(unix.NDA_DST, a.AsSlice())...)
}

// lookup finds one neighbour; the error is ENOENT if there is none.
func (c *Conn) lookup(request []byte) (m neighbourMsg, err error) {
	err = c.ask(unix.RTM_GETNEIGH, 0, request, func(b []byte) { m, _ = parseNeighbour(b) })
	return m, err
}

func (c *Conn) ask(kind, flags int, request []byte, f func([]byte)) error {
	req := nl.NewNetlinkRequest(kind, flags)
	req.Sockets = map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: c.lookups}
	req.AddRawData(request)
	return req.ExecuteIter(unix.NETLINK_ROUTE, 0, func(b []byte) bool {
		f(b)
		return true
	})
}
