//go:build linux

package rtnetlink

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nfvm/host"
	"nfvm/host/procsys"
)

// A Conn asks the kernel about one network namespace. Its methods may be called
// at the same time; of Follow there may be one.
type Conn struct {
	dumps, lookups *nl.SocketHandle // a neighbour is not to wait for a long dump
	events         *eventSocket     // nil: none are wanted
	settings       *procsys.Reader
}

// Read describes the machine as it is now.
func Read() (host.Config, error) {
	c, err := open()
	if err != nil {
		return host.Config{}, err
	}
	defer c.Close()
	return c.Read()
}

// Open makes a Conn and subscribes it to the kernel's events, so that Follow
// misses nothing that happens from now on.
func Open() (*Conn, error) {
	c, err := open()
	if err != nil {
		return nil, err
	}
	if c.events, err = subscribe(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func open() (*Conn, error) {
	c := &Conn{settings: procsys.Open()}
	for _, s := range []**nl.SocketHandle{&c.dumps, &c.lookups} {
		socket, err := nl.Subscribe(unix.NETLINK_ROUTE)
		if err != nil {
			c.Close()
			return nil, fmt.Errorf("rtnetlink socket: %w", err)
		}
		*s = &nl.SocketHandle{Socket: socket}
	}
	return c, nil
}

// Close gives the sockets back. A Follow that still runs ends with an error.
func (c *Conn) Close() {
	c.settings.Close()
	for _, s := range []*nl.SocketHandle{c.dumps, c.lookups} {
		if s != nil {
			s.Socket.Close()
		}
	}
	if c.events != nil {
		c.events.file.Close()
	}
}

// dump asks for all objects of a kind and family and calls f with each, header
// and attributes. torn tells that the kernel changed them meanwhile, so that
// some may be missing. A kernel that was built without the kind has none: then
// known is false.
func (c *Conn) dump(kind int, request []byte, f func([]byte)) (torn, known bool, err error) {
	req := nl.NewNetlinkRequest(kind, unix.NLM_F_DUMP)
	req.Sockets = map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: c.dumps}
	req.AddRawData(request)
	// The answer to RTM_GETx is RTM_NEWx, two below.
	err = req.ExecuteIter(unix.NETLINK_ROUTE, uint16(kind)-2, func(msg []byte) bool {
		// Asked about a family that it does not have, the kernel lists all.
		if len(msg) > 0 && (request[0] == unix.AF_UNSPEC || msg[0] == request[0]) {
			f(msg)
		}
		return true
	})
	switch {
	case errors.Is(err, nl.ErrDumpInterrupted):
		return true, true, nil
	case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EAFNOSUPPORT):
		return false, false, nil
	}
	return false, true, err
}
