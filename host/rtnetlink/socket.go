//go:build linux

package rtnetlink

import (
	"encoding/binary"
	"fmt"
	"iter"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// groups are the multicast groups of what a Config is made of.
var groups = []int{
	unix.RTNLGRP_LINK, unix.RTNLGRP_NEIGH, unix.RTNLGRP_NEXTHOP,
	unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV4_RULE, unix.RTNLGRP_IPV4_NETCONF,
	unix.RTNLGRP_IPV6_IFADDR, unix.RTNLGRP_IPV6_ROUTE, unix.RTNLGRP_IPV6_RULE, unix.RTNLGRP_IPV6_NETCONF,
}

// eventBuffer is what the kernel may keep for us, in bytes of its own
// accounting (about a thousand events): what is more is lost, which it tells.
const eventBuffer = 1 << 20

// An eventSocket receives the kernel's events. Unlike the library's sockets it
// can be waited on until a moment and be woken.
type eventSocket struct {
	file  *os.File
	raw   syscall.RawConn
	buf   []byte
	mu    sync.Mutex // of the deadline
	woken bool
}

// wake ends the receive that waits, and all that come.
func (s *eventSocket) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woken = true
	s.file.SetReadDeadline(time.Unix(1, 0))
}

// until sets when receive gives up.
func (s *eventSocket) until(deadline time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.woken {
		return nil
	}
	return s.file.SetReadDeadline(deadline)
}

// subscribe opens an eventSocket for the namespace of the calling thread.
func subscribe() (*eventSocket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("rtnetlink socket: %w", err)
	}
	s := &eventSocket{file: os.NewFile(uintptr(fd), "rtnetlink events"), buf: make([]byte, 1<<16)}
	// More than the system's limit for ordinary users, where we may.
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, eventBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, eventBuffer) // a small buffer loses more, and works
	}
	if err = unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err == nil {
		err = s.join(fd)
	}
	if err != nil {
		s.file.Close()
		return nil, fmt.Errorf("rtnetlink events: %w", err)
	}
	return s, nil
}

func (s *eventSocket) join(fd int) (err error) {
	for _, g := range groups {
		if err = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, g); err != nil {
			return err
		}
	}
	s.raw, err = s.file.SyscallConn()
	return err
}

// receive waits until deadline (the zero time: for ever) and gives what the
// kernel sent, valid until the next call. Its errors are os.ErrDeadlineExceeded,
// unix.ENOBUFS for lost events, os.ErrClosed, and others of recvfrom(2).
func (s *eventSocket) receive(deadline time.Time) ([]byte, error) {
	if err := s.until(deadline); err != nil {
		return nil, err
	}
	var n int
	var from unix.Sockaddr
	var failed error
	err := s.raw.Read(func(fd uintptr) bool {
		n, from, failed = unix.Recvfrom(int(fd), s.buf, 0)
		return failed != unix.EAGAIN && failed != unix.EINTR
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	if a, ok := from.(*unix.SockaddrNetlink); !ok || a.Pid != 0 {
		return nil, nil // not from the kernel
	}
	return s.buf[:n], nil
}

// messages are the messages of a datagram: type and what follows the header. It
// stops at the first that is cut short.
func messages(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= unix.SizeofNlMsghdr {
			size := int(binary.NativeEndian.Uint32(b))
			if size < unix.SizeofNlMsghdr || size > len(b) {
				return
			}
			if !yield(binary.NativeEndian.Uint16(b[4:]), b[unix.SizeofNlMsghdr:size]) {
				return
			}
			b = b[min(align(size), len(b)):]
		}
	}
}
