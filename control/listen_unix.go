//go:build unix

package control

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// pollTime is how often a client that has no more to say is looked after.
const pollTime = 100 * time.Millisecond

// untilGone waits until a client that has shut down its side of the conversation
// does not listen either, or ctx ends.
func untilGone(ctx context.Context, c net.Conn) {
	s, ok := c.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return
	}
	tick := time.NewTicker(pollTime)
	defer tick.Stop()
	for !hungUp(raw) {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func hungUp(raw syscall.RawConn) (gone bool) {
	err := raw.Control(func(fd uintptr) {
		p := []unix.PollFd{{Fd: int32(fd)}}
		n, err := unix.Poll(p, 0)
		gone = err == nil && n > 0 // nothing else was asked for
	})
	return gone || err != nil
}

// listenPrivate makes a socket of mode 0600. It is made under another name and
// appears at path when its mode is set, so that nobody else can ever open it.
func listenPrivate(path string) (net.Listener, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".nfvm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := os.Chmod(filepath.Join(dir, "s"), 0o600); err != nil {
		l.Close()
		return nil, err
	}
	if err := os.Rename(filepath.Join(dir, "s"), path); err != nil {
		l.Close()
		return nil, err
	}
	return &listener{l, path}, nil
}

// A listener removes its socket when it closes.
type listener struct {
	net.Listener
	path string
}

// Close closes the socket and removes it.
func (l *listener) Close() error {
	_ = os.Remove(l.path)
	return l.Listener.Close()
}
